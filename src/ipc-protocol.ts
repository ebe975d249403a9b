// The contract between the master and its workers: a variable, the IPC messages, and how a socket is described in them.
// The preload and `graceful-run/worker` import this file too, so it holds types and constants only.

/** Node delivers an IPC message whose `cmd` begins with NODE_ as `internalMessage`: the app never sees it. */
export const MESSAGE_CMD = 'NODE_GRACEFUL_RUN';
/** JSON of a `PreloadConfig`. The preload removes it from the environment. */
export const CONFIG_VARIABLE = 'GRACEFUL_RUN_WIRE';
/**
 * The first descriptor that is passed, as in sd_listen_fds(3). It is never 0 to 2: there libuv clears O_NONBLOCK
 * (uv__process_child_init), for all processes that share the socket.
 */
export const FIRST_FD = 3;
/** Key of the symbol under which the preload offers a `WorkerHook` to `graceful-run/worker`. */
export const WORKER_HOOK = 'graceful-run.worker';

/** The address that a `listen()` of the app names. */
export type ListenTarget =
  /** `nth` counts the calls for port 0 in one process, from 0: nothing else tells them apart. */
  | { readonly port: number; readonly host: string | null; readonly nth?: number }
  | {
      /** Absolute. */
      readonly path: string;
      /** The path as the app wrote it. */
      readonly written: string;
      readonly sparePath?: string;
      /** The process that bound the socket. */
      readonly pid?: number;
    };

export type BoundAddress =
  | { readonly port: number; readonly host: string }
  | { readonly path: string | null };

/** A socket of the master, as a worker gets to know it. */
export interface SharedSocket {
  readonly id: number;
  readonly fd: number;
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  /** Second name of the file of a unix socket, from which a removed `path` is linked again. */
  readonly sparePath: string | null;
  /** Replaces the backlog that the app names; null leaves it to the app. */
  readonly backlog: number | null;
  /** The address that the app names for it, if that is another one (`?for=`). */
  readonly appAddress: { readonly port: number } | { readonly path: string } | null;
  /** The address that the app named when a worker opened it; null if no worker did. */
  readonly openedAs: ListenTarget | null;
}

export interface PreloadConfig {
  readonly masterPid: number;
  /** The text that the master put in front of the user's NODE_OPTIONS. */
  readonly nodeOptions: string;
  readonly sockets: readonly SharedSocket[];
  /** The longest time between two heartbeats, in milliseconds; 0 for no heartbeat. */
  readonly watchdogMs: number;
  /** Signals that end a Node process without a handler, but are meant for the master alone. */
  readonly ignoredSignals: readonly string[];
  /** Whether to open the debugger. */
  readonly inspect: boolean;
  /** Whether to report the source files of the files that run. */
  readonly sourceMaps: boolean;
}

/** The names that a worker gave to a unix socket. */
export interface SocketPaths {
  readonly path: string;
  readonly sparePath: string;
}

/** From the worker. `listening` and `opened` mean that it accepts connections from now on. */
export type FromWorker =
  | { readonly type: 'started'; readonly version: string; readonly script: string | null }
  /** From a descendant of the worker that listens: a shell or another program stands between it and the master. */
  | { readonly type: 'wrongProcess'; readonly pid: number }
  | {
      readonly type: 'listening';
      readonly socket: number;
      readonly address: BoundAddress;
      readonly placed?: SocketPaths | undefined;
      /** It came in a `socketReply`: the master has counted the worker as a user since then. */
      readonly sentByMaster: boolean;
    }
  /** With a handle. `key` names the server in the `adopted` that answers. */
  | {
      readonly type: 'opened';
      readonly key: number;
      readonly target: ListenTarget;
      readonly address: BoundAddress;
      /** Id of the master's socket which this one replaces, because no file leads to that one any more. */
      readonly replaces?: number | undefined;
    }
  | { readonly type: 'closed'; readonly socket: number }
  | { readonly type: 'requestSocket'; readonly requestId: number; readonly target: ListenTarget }
  | { readonly type: 'exception'; readonly text: string }
  | { readonly type: 'warning'; readonly text: string }
  /** The port of its debugger on the loopback; null when it has none. */
  | { readonly type: 'inspector'; readonly port: number | null }
  | { readonly type: 'ready' }
  | { readonly type: 'drained' }
  /** It starts child processes, and nothing reports which modules those load. */
  | { readonly type: 'startsProcesses' }
  /** Its event loop turns. */
  | { readonly type: 'heartbeat' };

/** To the worker. */
export type ToWorker =
  | { readonly type: 'retire'; readonly limitMs: number }
  /** The master holds the socket that the worker reported as `opened` under this key. */
  | { readonly type: 'adopted'; readonly key: number; readonly socket: number }
  /** No worker listens on it, and the master has closed it. */
  | { readonly type: 'socketClosed'; readonly socket: number }
  /** The answer to `requestSocket`; with a handle if the master holds that socket. */
  | {
      readonly type: 'socketReply';
      readonly requestId: number;
      readonly socket?: SharedSocket;
      /** The path is that of a socket file on which no process accepts. */
      readonly deadFile?: boolean;
    };

/** What an app closes when its worker retires. */
export interface Closer {
  readonly name: string;
  readonly timeoutMs: number;
  close(): unknown;
}

/** What the preload offers to `graceful-run/worker` in the same process. */
export interface WorkerHook {
  send(message: FromWorker): void;
  /** `callback` runs when the worker is asked to retire; at once if it was already. */
  onRetiring(callback: () => void): void;
  /** The closer runs once, after the last connection has ended. Returns a function that removes it. */
  addCloser(closer: Closer): () => void;
}
