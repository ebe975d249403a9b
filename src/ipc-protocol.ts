// What the master and a worker say to each other: variables, messages, and the sockets between them.
// The other end is native-free-shims/preload, which is not compiled; a test compares the two.

/** A `cmd` that begins with NODE_ is delivered as `internalMessage`: the app never sees it. */
export const WIRE_CMD = 'NODE_GRACEFUL_RUN';
/** JSON of a `Wire`, for the preload, which removes it from the environment. */
export const WIRE_VARIABLE = 'GRACEFUL_RUN_WIRE';
/** The first descriptor that is passed, as sd_listen_fds(3) has it. Never 0 to 2: libuv clears O_NONBLOCK there. */
export const FIRST_FD = 3;
/** Key under which the preload puts its end for `graceful-run/worker`. */
export const WORKER_HOOK = 'graceful-run.worker';

/** What a `listen()` of the app names. */
export type Target =
  | { readonly port: number; readonly host: string | null; readonly nth?: number }
  | {
      readonly path: string;
      readonly named: string;
      readonly spare?: string;
      readonly pid?: number;
    };

export type BoundAddress =
  | { readonly port: number; readonly host: string }
  | { readonly path: string | null };

/** A socket as the preload needs to know it. */
export interface WireSocket {
  readonly id: number;
  readonly fd: number;
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  /** Second name of a unix socket, from which a removed path is made anew. */
  readonly spare: string | null;
  /** Instead of the one that the app names; null to leave it to the app. */
  readonly backlog: number | null;
  /** The address under which the app knows it, when that is another. */
  readonly for: { readonly port: number } | { readonly path: string } | null;
  /** Of an adopted socket: the call that opened it. */
  readonly asked: Target | null;
}

export interface Wire {
  /** Pid of the master. */
  readonly master: number;
  /** What was put in front of the user's NODE_OPTIONS. */
  readonly nodeOptions: string;
  readonly sockets: readonly WireSocket[];
  /** Milliseconds within which the master wants a sign of life; 0 for never. */
  readonly watchdog: number;
  /** Signals that end a Node process without a handler, and are meant for the master alone. */
  readonly ignoredSignals: readonly string[];
  /** Open the debugger. */
  readonly inspect: boolean;
  /** Name the files from which those that run were made. */
  readonly sourceMaps: boolean;
}

/** The names that a worker gave to a unix socket. */
export interface Place {
  readonly path: string;
  readonly spare: string;
}

/** From the worker. `listening` and `open` mean that it accepts from now on. */
export type WorkerMessage =
  | { readonly type: 'hello'; readonly version: string; readonly script: string | null }
  | { readonly type: 'indirect'; readonly pid: number }
  | {
      readonly type: 'listening';
      readonly socket: number;
      readonly address: BoundAddress;
      readonly placed?: Place;
      /** The master gave it when asked, and counts it since then. */
      readonly lent: boolean;
    }
  | {
      readonly type: 'open';
      readonly key: number;
      readonly target: Target;
      readonly address: BoundAddress;
      /** A socket of the master that has no name left, which this one replaces. */
      readonly instead?: number;
    }
  | { readonly type: 'closed'; readonly socket: number }
  | { readonly type: 'want'; readonly seq: number; readonly target: Target }
  | { readonly type: 'exception'; readonly text: string }
  | { readonly type: 'trouble'; readonly text: string }
  /** Where its debugger is, on the loopback; null for none. */
  | { readonly type: 'inspector'; readonly port: number | null }
  | { readonly type: 'ready' }
  | { readonly type: 'idle' }
  /** It starts processes of its own, of which it is not told what they load. */
  | { readonly type: 'forks' }
  /** Its loop turns. */
  | { readonly type: 'alive' };

/** To the worker. */
export type MasterMessage =
  | { readonly type: 'retire'; readonly limit: number }
  /** The socket that the worker opened under `key` is held from now on. */
  | { readonly type: 'adopted'; readonly key: number; readonly socket: number }
  /** Nobody listens on it, and the master has closed it. */
  | { readonly type: 'givenUp'; readonly socket: number }
  | {
      readonly type: 'give';
      readonly seq: number;
      readonly socket?: WireSocket;
      readonly stale?: boolean;
    };

/** The preload's end, for `graceful-run/worker` in the same process. */
export interface WorkerHook {
  send(message: WorkerMessage): void;
  onRetiring(callback: () => void): void;
  setCloser(closer: { run(): Promise<void>; limit(): number }): void;
}
