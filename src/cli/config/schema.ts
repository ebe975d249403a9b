// What a graceful-run.config file may hold: the options of the command line, by the same names in camelCase.

/** `500ms`, `30s`, `5m`, `1h`; a number is seconds. */
export type Time = string | number;

export interface Settings {
  /** What to run: `['node', 'app.js']`, or text that is split at spaces. Words on the command line win entirely. */
  command?: string | readonly string[];
  /** Sockets to hold: `:8080`, `127.0.0.1:8080`, `unix:/path`, as for `--listen`. */
  listen?: string | readonly string[];
  /** Workers per generation; 1 unless told otherwise. */
  workers?: number | 'max' | (string & {});
  /** What proves that a worker serves. */
  ready?:
    | 'auto'
    | 'notify'
    | 'ipc'
    | 'fd'
    | `http:${string}`
    | `https:${string}`
    | `after:${string}`;
  /** A worker not ready by then fails its generation. */
  startTimeout?: Time;
  /** How long a retired worker may finish its work. */
  drainTimeout?: Time;
  /** From the stop signal to SIGKILL, once the drain time is over. */
  killTimeout?: Time;
  /** Sent once, after the worker has stopped accepting: `TERM`, `SIGTERM` or 15. */
  stopSignal?: string | number;
  /** Replace a worker that gives no sign of life for so long; 0 for never. */
  watchdog?: Time;
  /** Leave after so many crashes in a row with nobody serving; 0 for never. */
  maxCrashes?: number | string;
  /** Working directory, entered anew for each worker; a relative one is seen from where the command is given. */
  cwd?: string;
  /** Files with variables for the workers, read anew for each generation, relative to `cwd`; later ones win. */
  envFile?: string | readonly string[];
  /** How the client commands find this instance; they read it here too. */
  name?: string;
  /** Path of the control socket, or `none`. */
  control?: string;
  /** Reload when a file changes: true for those that a worker loaded, or these files and directories. */
  watch?: boolean | string | readonly string[];
  /** What does not count, as in .gitignore. */
  watchIgnore?: string | readonly string[];
  /** Look at the files again and again: for file systems that tell nothing. */
  watchPoll?: boolean;
  /** What becomes of what workers write. */
  output?: 'inherit' | 'prefix' | 'json';
  /** The debugger of the newest generation: true for 127.0.0.1:9229, or `[host:]port`. */
  inspect?: boolean | number | string;
  /** How much the master says. */
  logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** How it says it. */
  logFormat?: 'auto' | 'json' | 'pretty' | 'journal';
}

export interface Config extends Settings {
  /** What differs for `graceful-run dev`; its limits, and how much it says, are set here alone. */
  dev?: Settings;
}

/** Called when the master starts, and by each client command and `unit`; a promise may take ten seconds. */
export type MakeConfig = () => Config | Promise<Config>;

/** Gives `config` back as it is: an editor knows the keys by it. */
export function defineConfig<T extends Config | MakeConfig>(config: T): T {
  return config;
}
