// Turns a command line into what a unit is made from. The service has neither the variables nor the PATH of the shell.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { StartError, UsageError } from '../errors.js';
import { isWithin, realPath } from '../linux/paths.js';
import { inPackage } from '../package-root.js';
import { SEARCH_PATH, type UnitRequest } from '../systemd-unit/unit-input.js';
import { V8_FLAGS } from '../v8-flags.js';
import { findCommand } from '../workers/find-command.js';
import { flagOf, OPTION_ENTRIES } from './option-table.js';
import type { GivenOptions } from './option-types.js';
import type { UnitInvocation } from './parse-command-line.js';
import { type ProcessContext, toRunOptions } from './resolve-options.js';

/** Assumed where no systemd is installed: that of Debian 12. A unit for it is right for all newer ones. */
const ASSUMED_SYSTEMD = 252;

export interface UnitPlan {
  readonly request: UnitRequest;
  /** The options by which a client finds the master. */
  readonly instance: readonly string[];
  /** For the user: what may not work in the service. */
  readonly warnings: readonly string[];
}

/** Throws UsageError for any option that is wrong, and StartError when the working directory does not exist. */
export function planUnit(invocation: UnitInvocation, context: ProcessContext): UnitPlan {
  const { raw, given, flags } = invocation;
  if (!raw.command?.length) {
    throw new UsageError('which command should run?', 'graceful-run unit -- node app.js');
  }
  const options = toRunOptions(invocation, context);
  const { name, cwd, listen, policy, configFile, envFiles } = options;
  if (raw.control === 'none') {
    throw new UsageError('--control none: `systemctl reload` needs the control socket');
  }
  if (!existsSync(cwd)) throw new StartError(`the working directory ${cwd} does not exist`);
  const directory = { logical: cwd, physical: realPath(cwd) };
  /** Node knows only real paths, and one into the present release would be removed with that release. */
  const throughLink = (path: string) =>
    isWithin(path, directory.physical)
      ? resolve(cwd, path.slice(directory.physical.length + 1))
      : path;
  const node = process.execPath;
  const bin = inPackage('bin/graceful-run.js');
  const found = findCommand(options.command, context.env.PATH ?? '', cwd);
  const extraPath = new Set([
    ...('file' in found ? directoryToAdd(options.command, found.file, cwd) : []),
    // Scripts that begin with `#!/usr/bin/env node` look for it too.
    ...directoryToAdd('node', node, cwd),
  ]);
  const control = raw.control === undefined ? null : options.control;
  const instance = ['--name', name, ...(control === null ? [] : ['--control', control])];
  const socketUnits = flags.socket ?? false;
  const sockets = listen.flatMap(({ address }) => (address.kind === 'unix' ? [address.path] : []));
  const ownFiles = [control, options.record].filter((path) => path !== null);
  const request: UnitRequest = {
    name,
    version: context.version,
    systemd: installedSystemd() ?? ASSUMED_SYSTEMD,
    user: flags.dynamicUser ? null : (flags.user ?? presentUser()),
    group: flags.group ?? null,
    start: [
      throughLink(node),
      ...V8_FLAGS,
      // Node would read an `--env-file` behind the script too, and take NODE_OPTIONS from it.
      ...(given.envFile === undefined ? [] : ['--']),
      throughLink(bin),
      ...['--name', name, '--cwd', cwd],
      ...optionWords(given.config && configFile ? { ...given, config: configFile } : given),
      ...(given.command ? ['--', ...given.command] : []),
    ],
    reload: [throughLink(node), throughLink(bin), 'reload', ...instance],
    directory,
    timeouts: { start: policy.startTimeout, drain: policy.drainTimeout, kill: policy.killTimeout },
    listen,
    socketUnits,
    extraPath: [...extraPath].map(throughLink),
    requiredPaths: [
      ...[cwd, directory.physical, node, bin, ...extraPath, ...ownFiles, ...sockets],
      // A word that is not a path becomes one in the directory, which is needed anyway.
      ...[configFile ?? cwd, ...envFiles, options.command, ...options.args].map((word) =>
        resolve(cwd, word),
      ),
    ],
    createdPaths: socketUnits ? ownFiles : [...ownFiles, ...sockets],
  };
  const warnings: string[] = [];
  if ('reason' in found) warnings.push(`${found.reason}; the unit is made all the same`);
  if (flags.user === undefined && request.user === 'root') {
    warnings.push(
      'the service will run as root; better a user of its own: --user <name> or --dynamic-user',
    );
  }
  if (bin.includes('/_npx/')) {
    warnings.push(
      `graceful-run itself is in a temporary directory, ${bin}; install it where it stays: npm install --global graceful-run, or in the app`,
    );
  }
  return { request, instance, warnings };
}

/** In a container the user may have a number alone. */
function presentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

/** As on a command line. The unit always writes `--name` and `--cwd`, with their resolved values. */
function optionWords({ name, cwd, ...given }: GivenOptions): string[] {
  const repeated: GivenOptions = given;
  return OPTION_ENTRIES.flatMap(([key]) => {
    const value = repeated[key];
    if (value === undefined) return [];
    const flag = flagOf(key);
    return [value].flat().flatMap((item) => (item === true ? [flag] : [flag, item]));
  });
}

/** The directory of `file`, unless systemd finds the same file by the name `word`. */
function directoryToAdd(word: string, file: string, cwd: string): string[] {
  const asService = findCommand(word, SEARCH_PATH, cwd);
  const isSame = 'file' in asService && realPath(asService.file) === realPath(file);
  return isSame ? [] : [dirname(file)];
}

/** Major version of the systemd that is installed, whether it runs or not; null when there is none. */
function installedSystemd(): number | null {
  const { stdout } = spawnSync('systemctl', ['--version'], { encoding: 'utf8' });
  const digits = /^systemd (\d+)/.exec(stdout ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
