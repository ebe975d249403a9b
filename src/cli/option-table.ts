// The one table of all options of a run. The options of the command line, their variables, the keys of the config file,
// the type `Config`, the defaults and docs/command-line.md are derived from it.
import { LOG_FORMATS, LOG_LEVELS } from '../log/levels.js';
import { OUTPUT_MODES } from '../output/modes.js';
import {
  parseChoice,
  parseCount,
  parseDuration,
  parseReady,
  parseSignal,
  parseWatchdog,
  parseWorkers,
} from './parse-values.js';

export interface OptionRow {
  /**
   * What kind of value the option takes. A `switch` takes none, a `list` can be repeated, and `paths` takes any number of
   * them. The others take one, and a `number` or a `time` may also be a number in a config file.
   */
  readonly type: 'switch' | 'list' | 'paths' | 'text' | 'number' | 'time';
  readonly short?: string;
  /** How the help calls the value; a switch has none. */
  readonly placeholder?: string;
  readonly help: string;
  /** Written as on the command line. */
  readonly default?: string;
  /** The default of `graceful-run dev`, if it differs. */
  readonly devDefault?: string | true;
  /** Turns the text into the value, and throws UsageError. Options without it are parsed in resolve-options.ts. */
  readonly parse?: (text: string, flag: string) => unknown;
  /** Of which type the parsed value is a field: `Policy` or `RunOptions`. */
  readonly target?: 'policy' | 'run';
}

const limit = {
  type: 'time',
  placeholder: '<time>',
  parse: parseDuration,
  target: 'policy',
} as const;

function oneOf<const T extends string>(choices: readonly T[], placeholder: string) {
  const parse = (text: string, flag: string) => parseChoice(text, choices, flag);
  return { type: 'text', placeholder, parse, target: 'run' } as const;
}

/** By the key in a config file: `drainTimeout` is `--drain-timeout` and `GRACEFUL_RUN_DRAIN_TIMEOUT`. */
export const OPTIONS = {
  listen: {
    type: 'list',
    short: '-l',
    placeholder: '<spec>',
    help: "socket to hold, repeatable: ':8080', '127.0.0.1:8080', '[::1]:8080', 'unix:/path'; with a name: 'web=:8080'; '?for=3000': the app calls listen(3000)",
  },
  workers: {
    type: 'number',
    short: '-w',
    placeholder: '<n|max>',
    default: '1',
    help: 'workers per generation; max is one per CPU',
    target: 'run',
    parse: parseWorkers,
  },
  ready: {
    type: 'text',
    placeholder: '<how>',
    default: 'auto',
    help: 'what proves that a worker is ready: auto, notify, ipc, fd, http:<url>, after:<time>',
    target: 'run',
    parse: parseReady,
  },
  startTimeout: {
    ...limit,
    default: '30s',
    help: 'time in which a new worker must become ready',
  },
  drainTimeout: {
    ...limit,
    default: '30s',
    devDefault: '2s',
    help: 'time in which a retired worker may finish its work',
  },
  killTimeout: {
    ...limit,
    default: '10s',
    devDefault: '2s',
    help: 'time from the stop signal to SIGKILL, once the drain time is over',
  },
  maxDraining: {
    type: 'number',
    placeholder: '<n>',
    default: '8',
    help: 'most generations that may still be draining; beyond it the oldest gets its stop signal early',
    target: 'policy',
    parse: (text, flag) => parseCount(text, flag, 1),
  },
  stopSignal: {
    type: 'number',
    placeholder: '<signal>',
    default: 'TERM',
    help: 'signal that ends a worker, sent once, after it has stopped accepting',
    target: 'run',
    parse: parseSignal,
  },
  watchdog: {
    ...limit,
    default: '0',
    help: 'replace a worker that gives no sign of life for this time (0: never)',
    parse: parseWatchdog,
  },
  maxCrashes: {
    type: 'number',
    placeholder: '<n>',
    default: '0',
    help: 'exit after n consecutive crashes with no worker serving (0: never)',
    target: 'policy',
    parse: (text, flag) => parseCount(text, flag, 0),
  },
  cwd: {
    type: 'text',
    placeholder: '<directory>',
    help: 'working directory; links in it are followed again for each worker (default: the current directory)',
  },
  envFile: {
    type: 'list',
    placeholder: '<path>',
    help: 'file with variables for the workers, read again for each generation; repeatable, later files win, and variables that are already set win over all files',
  },
  name: {
    type: 'text',
    placeholder: '<name>',
    help: 'name by which the client commands find this instance (default: name of the working directory)',
  },
  control: {
    type: 'text',
    placeholder: '<path|none>',
    help: 'control socket (default: a private path made from the name)',
  },
  watch: {
    type: 'paths',
    placeholder: '[paths...]',
    devDefault: true,
    help: 'reload when a loaded file changes, or one below these paths',
  },
  watchIgnore: {
    type: 'list',
    placeholder: '<pattern>',
    help: 'files to ignore (.gitignore syntax); repeatable',
  },
  watchPoll: {
    type: 'switch',
    help: 'poll for changes (network file systems, some containers)',
  },
  config: {
    type: 'text',
    placeholder: '<path|none>',
    help: 'file with options (default: graceful-run.config.json, .mjs or .js here, or "graceful-run" in package.json)',
  },
  inspect: {
    type: 'switch',
    help: 'open the debugger of the newest generation on 127.0.0.1:9229; worker n uses port + n - 1',
  },
  inspectPort: {
    type: 'number',
    placeholder: '<[host:]port>',
    help: 'open the debugger on this address; implies --inspect',
  },
  record: {
    type: 'text',
    placeholder: '<file>',
    help: 'write every event of the fleet to this file as a JSON line, to replay an incident',
  },
  logLevel: {
    ...oneOf(LOG_LEVELS, '<level>'),
    default: 'info',
    devDefault: 'silent',
    help: `lowest level of the log on stderr: ${LOG_LEVELS.join(', ')}`,
  },
  logFormat: {
    ...oneOf(LOG_FORMATS, '<format>'),
    default: 'auto',
    help: `format of the log: ${LOG_FORMATS.join(', ')}`,
  },
  output: {
    ...oneOf(OUTPUT_MODES, '<how>'),
    default: 'inherit',
    devDefault: 'prefix',
    help: 'output of the workers: inherit, prefix (each line names the worker), json (each line is a JSON record)',
  },
} as const satisfies Record<string, OptionRow>;

export type OptionKey = keyof typeof OPTIONS;

export const OPTION_ENTRIES = Object.entries(OPTIONS) as readonly [OptionKey, OptionRow][];

/** `--drain-timeout` for `drainTimeout`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `GRACEFUL_RUN_DRAIN_TIMEOUT` for `drainTimeout`. */
export function variableOf(key: string): string {
  return `GRACEFUL_RUN_${flagOf(key).slice(2).replaceAll('-', '_').toUpperCase()}`;
}
