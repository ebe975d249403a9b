// Turns the text of all options into one complete RunOptions.
import { accessSync, constants, existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { controlPaths } from '../control/socket-path.js';
import { UsageError } from '../errors.js';
import type { RunOptions } from '../run-options.js';
import { assertDistinct, type ListenSpec, parseListenSpec } from '../sockets/listen-spec.js';
import type { GatheredOptions } from './option-sources.js';
import { type GivenOptions, type ParsedOptions, parseOptions } from './option-types.js';
import { DEFAULT_INSPECT_ADDRESS, parseInspectPort } from './parse-values.js';
import { logicalDirectory } from './working-directory.js';

/**
 * Milliseconds for which both generations accept connections, in which the new processes warm up: a process that has just
 * booted answers its first requests slowly.
 */
export const OVERLAP_MS = 500;

export interface ProcessContext {
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly version: string;
}

/** Resolves the options of a run. Throws UsageError for the first option that is wrong. */
export function toRunOptions(
  { section, raw, configFile }: Pick<GatheredOptions, 'section' | 'raw' | 'configFile'>,
  { env, uid, version }: ProcessContext,
): RunOptions {
  const dev = section === 'dev';
  const [command, ...args] = raw.command ?? [];
  if (!command) throw missingCommand(raw, dev);
  const cwd = resolve(logicalDirectory(env), raw.cwd ?? '');
  const name = instanceName(raw.name, cwd);
  const control = controlPath(raw.control, cwd);
  const watch = watchOptions(raw, cwd);
  return {
    ...parseOptions(raw, 'run'),
    policy: policyOf(parseOptions(raw, 'policy'), watch !== null, dev),
    command,
    args,
    listen: listenSpecs(raw.listen, cwd),
    name,
    control: control === undefined ? usualControlPath(name, env, uid) : control,
    cwd,
    env,
    envFiles: raw.envFile ?? [],
    uid,
    version,
    inspect: inspectAddress(raw),
    watch,
    dev,
    configFile,
    record: recordPath(raw.record, cwd),
  };
}

/** The limits of the user, and those that are fixed. */
function policyOf(
  limits: ParsedOptions<'policy'>,
  watches: boolean,
  dev: boolean,
): RunOptions['policy'] {
  return {
    ...limits,
    watchdog: limits.watchdog || null,
    maxCrashes: limits.maxCrashes || null,
    maxStartTime: 10 * limits.startTimeout,
    // A developer who saves a file wants the next answer to come from the new code.
    overlap: watches ? 0 : OVERLAP_MS,
    waitForChange: dev && watches,
    maxAbandonTime: 10_000,
    killInterval: 1000,
    backoff: { base: 100, ceiling: 30_000, stableAfter: 10_000, jitter: 0.2, seed: process.pid },
  };
}

function missingCommand({ watch }: GivenOptions, dev: boolean): UsageError {
  const isGreedy = Array.isArray(watch) && watch.length > 1;
  const taken = isGreedy ? ` --watch took all of '${watch.join(' ')}' as paths` : '';
  const example = `${dev ? 'dev ' : ''}${isGreedy ? '--watch src ' : ''}-- node app.js`;
  return new UsageError(`which command should run?${taken}`, `graceful-run ${example}`);
}

function recordPath(text: string | undefined, cwd: string): string | null {
  if (text === '') throw new UsageError("--record '': write a path");
  return text === undefined ? null : resolve(cwd, text);
}

function watchOptions(raw: GivenOptions, cwd: string): RunOptions['watch'] {
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

function inspectAddress({ inspect, inspectPort }: GivenOptions): RunOptions['inspect'] {
  if (inspectPort !== undefined) return parseInspectPort(inspectPort, '--inspect-port');
  return inspect ? DEFAULT_INSPECT_ADDRESS : null;
}

/** The name of an instance, which is part of the path of its control socket. Throws UsageError if it is not valid. */
export function instanceName(given: string | undefined, cwd: string): string {
  if (given === undefined) return basename(cwd).replace(/[^\w.@-]/g, '-') || 'graceful-run';
  if (/^[\w@-][\w.@-]{0,63}$/.test(given)) return given;
  throw new UsageError(`--name '${given}': use up to 64 letters, digits, '-', '_', '.', '@'`);
}

function listenSpecs(texts: readonly string[] = [], cwd: string): ListenSpec[] {
  const specs = texts.map(parseListenSpec).map((spec): ListenSpec => {
    if (spec.address.kind === 'tcp') return spec;
    return { ...spec, address: { kind: 'unix', path: resolve(cwd, spec.address.path) } };
  });
  assertDistinct(specs);
  return specs;
}

/**
 * The absolute path that --control gives; null for none, undefined for the usual one. Throws UsageError for an empty path,
 * which would be the working directory.
 */
export function controlPath(given: string | undefined, cwd: string): string | null | undefined {
  if (given === '') throw new UsageError("--control '': write a path, or none");
  if (given === 'none') return null;
  return given === undefined ? undefined : resolve(cwd, given);
}

/** After su(1), XDG_RUNTIME_DIR may be the directory of another user, in which nothing can be created. */
function usualControlPath(name: string, env: NodeJS.ProcessEnv, uid: number): string | null {
  const paths = controlPaths(name, env, uid);
  return paths.find((path) => mayBeCreated(dirname(dirname(path)))) ?? paths.at(-1) ?? null;
}

/** Whether files can be created in this directory, or the directory itself is still to be created. */
function mayBeCreated(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}
