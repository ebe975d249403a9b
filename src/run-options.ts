// What the user asked for, understood and complete: the one value from which a master is assembled.
import type { Policy } from './core/policy.js';
import type { LogFormat, LogLevel } from './log/levels.js';
import type { OutputMode } from './output/modes.js';
import type { Ready } from './readiness/choose-probe.js';
import type { ListenSpec } from './sockets/listen-spec.js';

export interface InspectAddress {
  readonly host: string;
  readonly port: number;
}

export interface RunOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly listen: readonly ListenSpec[];
  readonly workers: number;
  readonly ready: Ready;
  readonly policy: Omit<Policy, 'startFirstWorkerAlone'>;
  readonly stopSignal: NodeJS.Signals;
  readonly name: string;
  /** Null for none. */
  readonly control: string | null;
  /** Logical path. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** As given: relative to `cwd`. */
  readonly envFiles: readonly string[];
  readonly uid: number;
  readonly version: string;
  /** Null: no file is watched. */
  readonly watch: {
    /** Absolute; empty for the files that the workers loaded. */
    readonly paths: readonly string[];
    /** As in .gitignore. */
    readonly ignore: readonly string[];
    readonly poll: boolean;
  } | null;
  /** Somebody is at work on the code, and looks at this terminal. */
  readonly dev: boolean;
  /** Where the debugger of the newest generation answers; null for nowhere. */
  readonly inspect: InspectAddress | null;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Where the options come from that nobody gave here; absolute, null for no file. */
  readonly configFile: string | null;
  readonly output: OutputMode;
  /** Absolute path of the file that gets every event of the fleet; null for none. */
  readonly record: string | null;
}
