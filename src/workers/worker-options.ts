// What workers are started with: the same for all workers of a master, and of each worker its own.
import type { SharedSocket } from '../ipc-protocol.js';
import type { CommandLookup } from './find-command.js';

export interface WorkersOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Logical path: a link in it is resolved anew at each spawn. */
  readonly cwd: string;
  /** The environment of the master; wins over env files. */
  readonly env: NodeJS.ProcessEnv;
  /** Gives defaults for what neither the master nor an env file has set; gets both. */
  readonly suggest: (given: NodeJS.ProcessEnv) => NodeJS.ProcessEnv;
  /** Files of variables, relative to `cwd`; read for each generation. Later files win. */
  readonly envFiles: readonly string[];
  readonly stopSignal: NodeJS.Signals;
  /** Pass a pipe into which the worker writes a newline when it is ready (`--ready fd`). */
  readonly readyFd: boolean;
  /** Milliseconds within which a worker has to send WATCHDOG=1; 0 for no watchdog. */
  readonly watchdog: number;
  /** Read the output of the workers through pipes; otherwise it goes where the output of the master goes. */
  readonly outputPipes: boolean;
  /** Each worker opens a debugger. */
  readonly inspect: boolean;
  /** Stack traces of a worker name the sources from which its code was made. */
  readonly sourceMaps: boolean;
  /** What the user wrote in front of the command: `graceful-run dev`, for example. */
  readonly calledAs: string;
}

export interface SpawnRequest {
  readonly worker: number;
  readonly slot: number;
  readonly generation: number;
  /** The generation that serves now; null for none. */
  readonly serving: number | null;
  /** In the order of their descriptors in the worker, from FIRST_FD on. */
  readonly sockets: readonly PassedSocket[];
  /** Its own socket for sd_notify(3). */
  readonly notifySocket: string | null;
  readonly program: ResolvedCommand;
}

export interface PassedSocket {
  /** For LISTEN_FDNAMES. */
  readonly name: string;
  /** The descriptor of the master. */
  readonly fd: number;
  readonly shared: SharedSocket;
}

/** `isNode`: Node itself or a script for it, in which the preload will run. */
export type ResolvedCommand = CommandLookup & { readonly isNode: boolean };
