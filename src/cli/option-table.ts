// The options of a run: flags, variables and help text.
import { type Command, Option } from 'commander';
import type { Section } from './config/validate-config.js';
import { DEFAULTS, DEV_DEFAULTS, type RawOptions } from './resolve-options.js';

/** Of `run`, or of `dev`. */
export function runOptions(dev = false): Option[] {
  const defaults = dev ? { ...DEFAULTS, ...DEV_DEFAULTS } : { ...DEFAULTS, watch: undefined };
  const option = (flags: string, description: string, variable: string, value?: string | true) => {
    const made = new Option(flags, description).env(`GRACEFUL_RUN_${variable}`);
    return value === undefined ? made : made.default(value);
  };
  const many = (value: string, before: string[] = []) => [...before, value];
  return [
    option(
      '-l, --listen <spec>',
      "socket to hold, repeatable: ':8080', '127.0.0.1:8080', '[::1]:8080', 'unix:/path'; 'name=' in front; '?for=3000' if the app knows it as that",
      'LISTEN',
    ).argParser(many),
    option('-w, --workers <n|max>', 'workers per generation', 'WORKERS', defaults.workers),
    option(
      '--ready <how>',
      'what proves that a worker serves: auto, notify, ipc, fd, http:<url>, after:<time>',
      'READY',
      defaults.ready,
    ),
    option(
      '--start-timeout <time>',
      'a worker not ready by then fails its generation',
      'START_TIMEOUT',
      defaults.startTimeout,
    ),
    option(
      '--drain-timeout <time>',
      'how long a retired worker may finish its work',
      'DRAIN_TIMEOUT',
      defaults.drainTimeout,
    ),
    option(
      '--kill-timeout <time>',
      'from the stop signal to SIGKILL, once the drain time is over',
      'KILL_TIMEOUT',
      defaults.killTimeout,
    ),
    option(
      '--stop-signal <signal>',
      'sent once, after the worker has stopped accepting',
      'STOP_SIGNAL',
      defaults.stopSignal,
    ),
    option(
      '--watchdog <time>',
      'replace a worker that gives no sign of life for so long; 0 for never',
      'WATCHDOG',
      defaults.watchdog,
    ),
    option(
      '--max-crashes <n>',
      'leave after so many crashes in a row with nobody serving; 0 for never',
      'MAX_CRASHES',
      defaults.maxCrashes,
    ),
    option(
      '--cwd <directory>',
      'working directory, entered anew for each worker (default: here)',
      'CWD',
    ),
    option(
      '--env-file <path>',
      'variables for the workers, read anew for each generation; repeatable, later ones win, and what is set already over all',
      'ENV_FILE',
    ).argParser(many),
    option(
      '--name <name>',
      'how the client commands find this instance (default: name of the working directory)',
      'NAME',
    ),
    option('--control <path|none>', 'control socket', 'CONTROL'),
    option(
      '--watch [paths...]',
      'reload when a file changes: one of those that were loaded, or these files and directories',
      'WATCH',
      defaults.watch,
    ),
    option(
      '--watch-ignore <pattern>',
      'what does not count, repeatable, as in .gitignore',
      'WATCH_IGNORE',
    ).argParser(many),
    option(
      '--watch-poll',
      'look at the files again and again: for file systems that tell nothing',
      'WATCH_POLL',
    ),
    option(
      '--config <path|none>',
      'file with options (default: graceful-run.config.json, .mjs or .js here, or "graceful-run" in package.json)',
      'CONFIG',
    ),
    option(
      '--inspect [[host:]port]',
      "debugger of the newest generation, behind '=' only (default: 127.0.0.1:9229); the next workers have the next ports",
      'INSPECT',
    ).preset(''),
    option(
      '--log-level <level>',
      'trace, debug, info, warn, error, silent',
      'LOG_LEVEL',
      defaults.logLevel,
    ),
    option(
      '--log-format <format>',
      'auto, json, pretty, journal',
      'LOG_FORMAT',
      defaults.logFormat,
    ),
    option(
      '--output <how>',
      'output of the workers: inherit, prefix (names the worker in each line), json (a record a line)',
      'OUTPUT',
      defaults.output,
    ),
  ];
}

/** What each part of a config file may set. */
export function configOptions(): Record<Section, readonly Option[]> {
  return { run: runOptions(), dev: runOptions(true) };
}

/** Those that can be repeated. A variable cannot be: several values in one are separated by spaces. */
const REPEATED = ['listen', 'envFile', 'watch', 'watchIgnore'] as const;

/** Those that need no value, and what they are without one. */
const SWITCHES = [
  ['watch', true],
  ['watchPoll', true],
  ['inspect', ''],
] as const;

/** As given. */
export function rawOptions(command: Command): RawOptions {
  const raw: Record<string, unknown> = command.opts();
  for (const name of REPEATED) {
    if (command.getOptionValueSource(name) === 'env') raw[name] = wordsOf(raw[name]);
  }
  for (const [name, on] of SWITCHES) {
    if (command.getOptionValueSource(name) !== 'env') continue;
    const text = variableOf(command, name);
    if (/^(|0|false|no)$/.test(text)) delete raw[name];
    else if (/^(1|true|yes)$/.test(text)) raw[name] = on;
  }
  return raw as unknown as RawOptions;
}

function wordsOf(value: unknown): string[] {
  return [value].flat().flatMap((text) => String(text).split(/\s+/).filter(Boolean));
}

/** Where no value is needed a variable says whether: `1` or `0`. */
function variableOf(command: Command, name: string): string {
  const option = command.options.find((one) => one.attributeName() === name);
  return process.env[option?.envVar ?? '']?.trim() ?? '';
}
