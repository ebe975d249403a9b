// Raw flags and variables in, one complete RunOptions out. All defaults of the command line are here.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { controlPaths } from '../control/socket-path.js';
import { UsageError } from '../errors.js';
import { LOG_FORMATS, LOG_LEVELS } from '../log/levels.js';
import { OUTPUT_MODES } from '../output/modes.js';
import type { RunOptions } from '../run-options.js';
import { assertDistinct, type ListenSpec, parseListenSpec } from '../sockets/listen-spec.js';
import type { LoadedConfig } from './config/apply-config.js';
import {
  parseChoice,
  parseInspect,
  parseReady,
  parseSignal,
  parseWorkers,
} from './parse-values.js';
import { policyOf } from './policy.js';

export const DEFAULTS = {
  workers: '1',
  ready: 'auto',
  startTimeout: '30s',
  drainTimeout: '30s',
  killTimeout: '10s',
  stopSignal: 'TERM',
  watchdog: '0',
  maxCrashes: '0',
  logLevel: 'info',
  logFormat: 'auto',
  output: 'inherit',
} as const;

/** Of `graceful-run dev`, where they differ. The log would tell what the terminal tells. */
export const DEV_DEFAULTS = {
  watch: true,
  output: 'prefix',
  drainTimeout: '2s',
  killTimeout: '2s',
  logLevel: 'silent',
} as const;

/** As commander leaves them: text, or absent where neither flag nor variable was given. */
export interface RawOptions {
  readonly listen?: readonly string[];
  readonly workers: string;
  readonly ready: string;
  readonly startTimeout: string;
  readonly drainTimeout: string;
  readonly killTimeout: string;
  readonly stopSignal: string;
  readonly watchdog: string;
  readonly maxCrashes: string;
  readonly name?: string;
  readonly control?: string;
  readonly config?: string;
  readonly cwd?: string;
  /** True without paths. */
  readonly watch?: true | readonly string[];
  readonly watchIgnore?: readonly string[];
  readonly watchPoll?: true;
  readonly envFile?: readonly string[];
  /** Empty for the default. */
  readonly inspect?: string;
  readonly logLevel: string;
  readonly logFormat: string;
  readonly output: string;
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly version: string;
  /** `graceful-run dev`. */
  readonly dev?: boolean;
}

/**
 * Throws UsageError for the first thing that cannot be understood. What `config` says of options is in `raw`
 * already; its command counts where there are no words.
 */
export function toRunOptions(
  raw: RawOptions,
  words: readonly string[],
  { env, uid, version, dev = false }: Surroundings,
  config: Pick<LoadedConfig, 'path' | 'words'> | null,
): RunOptions {
  const [command, ...args] = words.length > 0 ? words : (config?.words ?? []);
  if (!command) {
    const own = dev ? 'graceful-run dev' : 'graceful-run';
    if (Array.isArray(raw.watch) && raw.watch.length > 1) {
      const taken = `--watch took all of '${raw.watch.join(' ')}' as paths`;
      throw new UsageError(
        `which command should run? ${taken}`,
        `${own} --watch src -- node app.js`,
      );
    }
    throw new UsageError('which command should run?', `${own} -- node app.js`);
  }
  const cwd =
    raw.cwd === undefined ? logicalDirectory(env) : resolve(logicalDirectory(env), raw.cwd);
  const name = instanceName(raw.name, cwd);
  const watch = watched(raw, cwd);
  return {
    command,
    args,
    listen: listenSpecs(raw.listen ?? [], cwd),
    workers: parseWorkers(raw.workers, availableParallelism()),
    ready: parseReady(raw.ready),
    policy: policyOf(raw, { watches: watch !== null, dev }),
    stopSignal: parseSignal(raw.stopSignal),
    name,
    control: controlPath(raw.control, name, cwd, env, uid),
    cwd,
    env,
    envFiles: raw.envFile ?? [],
    uid,
    version,
    inspect: raw.inspect === undefined ? null : parseInspect(raw.inspect),
    watch,
    dev,
    logLevel: parseChoice(raw.logLevel, LOG_LEVELS, '--log-level'),
    logFormat: parseChoice(raw.logFormat, LOG_FORMATS, '--log-format'),
    configFile: config?.path ?? null,
    output: parseChoice(raw.output, OUTPUT_MODES, '--output'),
  };
}

function watched(raw: RawOptions, cwd: string): RunOptions['watch'] {
  const { watch, watchIgnore: ignore = [], watchPoll: poll = false } = raw;
  if (watch === undefined) {
    const flag = poll ? '--watch-poll' : '--watch-ignore';
    if (poll || ignore.length > 0) throw new UsageError(`${flag} goes with --watch`);
    return null;
  }
  const paths = watch === true ? [] : watch.map((path) => resolve(cwd, path));
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new UsageError(`--watch ${missing}: there is no such file`);
  return { paths, ignore, poll };
}

/**
 * The working directory as the user reached it: a `current` link in it is followed anew by each worker.
 * A PWD that names another directory is a leftover, and a directory that is gone still has its name.
 */
export function logicalDirectory(env: NodeJS.ProcessEnv): string {
  const physical = currentDirectory();
  const logical = env.PWD;
  if (!logical?.startsWith('/')) return physical ?? '/';
  return physical === null || isSameDirectory(logical, physical) ? logical : physical;
}

/** Names the control socket, so nothing that would be a path. */
export function instanceName(given: string | undefined, cwd: string): string {
  if (given === undefined) return basename(cwd).replace(/[^\w.@-]/g, '-') || 'graceful-run';
  if (/^[\w@-][\w.@-]{0,63}$/.test(given)) return given;
  throw new UsageError(`--name '${given}': use up to 64 letters, digits, '-', '_', '.', '@'`);
}

function listenSpecs(texts: readonly string[], cwd: string): ListenSpec[] {
  const specs = texts.map(parseListenSpec).map((spec) => absolute(spec, cwd));
  assertDistinct(specs);
  return specs;
}

function absolute(spec: ListenSpec, cwd: string): ListenSpec {
  if (spec.address.kind === 'tcp') return spec;
  return { ...spec, address: { kind: 'unix', path: resolve(cwd, spec.address.path) } };
}

function controlPath(
  given: string | undefined,
  name: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
  uid: number,
): string | null {
  assertControl(given);
  if (given === 'none') return null;
  if (given !== undefined) return resolve(cwd, given);
  const paths = controlPaths(name, env, uid);
  // XDG_RUNTIME_DIR may be somebody else's, after su(1).
  return paths.find((path) => isWritable(dirname(dirname(path)))) ?? paths.at(-1) ?? null;
}

/** Throws UsageError for an empty one: it would be the working directory. */
export function assertControl(given: string | undefined): void {
  if (given === '') throw new UsageError("--control '': write a path, or none");
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch (error) {
    // One that is missing is made, or reported.
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function currentDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

function isSameDirectory(a: string, b: string): boolean {
  try {
    const [one, other] = [statSync(a), statSync(b)];
    return one.ino === other.ino && one.dev === other.dev;
  } catch {
    return false;
  }
}
