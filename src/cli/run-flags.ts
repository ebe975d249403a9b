// The options of a run: flags, variables and help text.
import { type Command, Option } from 'commander';
import { DEFAULTS, type RawOptions } from './options.js';

/** Made anew for each command that takes them: commander keeps what it parsed in them. */
export function runOptions(): Option[] {
  const option = (flags: string, description: string, variable: string, value?: string) => {
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
    option('-w, --workers <n|max>', 'workers per generation', 'WORKERS', DEFAULTS.workers),
    option(
      '--ready <how>',
      'what proves that a worker serves: auto, notify, ipc, fd, http:<url>, after:<time>',
      'READY',
      DEFAULTS.ready,
    ),
    option(
      '--start-timeout <time>',
      'a worker not ready by then fails its generation',
      'START_TIMEOUT',
      DEFAULTS.startTimeout,
    ),
    option(
      '--drain-timeout <time>',
      'how long a retired worker may finish its work',
      'DRAIN_TIMEOUT',
      DEFAULTS.drainTimeout,
    ),
    option(
      '--kill-timeout <time>',
      'from the stop signal to SIGKILL, once the drain time is over',
      'KILL_TIMEOUT',
      DEFAULTS.killTimeout,
    ),
    option(
      '--stop-signal <signal>',
      'sent once, after the worker has stopped accepting',
      'STOP_SIGNAL',
      DEFAULTS.stopSignal,
    ),
    option(
      '--watchdog <time>',
      'replace a worker that gives no sign of life for so long; 0 for never',
      'WATCHDOG',
      DEFAULTS.watchdog,
    ),
    option(
      '--max-crashes <n>',
      'leave after so many crashes in a row with nobody serving; 0 for never',
      'MAX_CRASHES',
      DEFAULTS.maxCrashes,
    ),
    option(
      '--cwd <directory>',
      'working directory, entered anew for each worker (default: here)',
      'CWD',
    ),
    option(
      '--name <name>',
      'how the client commands find this instance (default: name of the working directory)',
      'NAME',
    ),
    option('--control <path|none>', 'control socket', 'CONTROL'),
    option(
      '--log-level <level>',
      'trace, debug, info, warn, error, silent',
      'LOG_LEVEL',
      DEFAULTS.logLevel,
    ),
    option(
      '--log-format <format>',
      'auto, json, pretty, journal',
      'LOG_FORMAT',
      DEFAULTS.logFormat,
    ),
  ];
}

/** As given. A variable cannot be repeated: several values in one are separated by spaces. */
export function rawOptions(command: Command): RawOptions {
  const raw = command.opts<RawOptions>();
  if (command.getOptionValueSource('listen') !== 'env') return raw;
  return {
    ...raw,
    listen: (raw.listen ?? []).flatMap((text) => text.split(/\s+/).filter(Boolean)),
  };
}
