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

/** From the worker. `listening` and `opened` mean that it accepts from now on. */
export type WorkerMessage =
  | { readonly type: 'started'; readonly version: string; readonly script: string | null }
  /** Sent by a descendant of the worker that listens: a shell or another program stands between. */
  | { readonly type: 'wrongProcess'; readonly pid: number }
  | {
      readonly type: 'listening';
      readonly socket: number;
      readonly address: BoundAddress;
      readonly placed?: Place;
      /** It came in a `socketReply`: the master has counted the worker as a user since then. */
      readonly sentByMaster: boolean;
    }
  | {
      readonly type: 'opened';
      readonly key: number;
      readonly target: Target;
      readonly address: BoundAddress;
      /** Id of the master's socket which this one replaces, because no file leads to that one any more. */
      readonly replaces?: number;
    }
  | { readonly type: 'closed'; readonly socket: number }
  | { readonly type: 'requestSocket'; readonly requestId: number; readonly target: Target }
  | { readonly type: 'exception'; readonly text: string }
  | { readonly type: 'warning'; readonly text: string }
  /** Where its debugger is, on the loopback; null for none. */
  | { readonly type: 'inspector'; readonly port: number | null }
  | { readonly type: 'ready' }
  | { readonly type: 'drained' }
  /** It starts child processes, and nothing reports which modules those load. */
  | { readonly type: 'startsProcesses' }
  /** Its event loop turns. */
  | { readonly type: 'heartbeat' };

/** To the worker. */
export type MasterMessage =
  | { readonly type: 'retire'; readonly limitMs: number }
  /** The socket that the worker opened under `key` is held from now on. */
  | { readonly type: 'adopted'; readonly key: number; readonly socket: number }
  /** No worker listens on it, and the master has closed it. */
  | { readonly type: 'socketClosed'; readonly socket: number }
  /** The answer to `requestSocket`; with a handle if the master holds that socket. */
  | {
      readonly type: 'socketReply';
      readonly requestId: number;
      readonly socket?: WireSocket;
      /** The path is that of a socket file on which no process accepts. */
      readonly deadFile?: boolean;
    };

/** The preload's end, for `graceful-run/worker` in the same process. */
export interface WorkerHook {
  send(message: WorkerMessage): void;
  onRetiring(callback: () => void): void;
  setCloser(closer: { run(): Promise<void>; limit(): number }): void;
}
