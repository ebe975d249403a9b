// Turns a command line into what a unit is made from. The service has neither the variables nor the PATH of the shell.
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StartError, UsageError } from '../errors.js';
import { realPath } from '../linux/paths.js';
import { inPackage } from '../package-root.js';
import {
  type Account,
  isRoot,
  isUnder,
  SEARCH_PATH,
  type UnitRequest,
} from '../systemd-unit/unit-input.js';
import { assertUnitName } from '../systemd-unit/unit-names.js';
import { findCommand } from '../workers/find-command.js';
import type { UnitInvocation } from './commands.js';
import { flagOf, OPTION_ENTRIES } from './option-table.js';
import type { GivenOptions } from './option-types.js';
import { type ProcessContext, toRunOptions } from './resolve-options.js';

const TEMPORARY = ['/tmp', '/var/tmp'];

/**
 * `warnings` are for the user: what may not work in the service. Throws UsageError for any option that is wrong, and
 * StartError when the working directory does not exist.
 */
export function unitRequest(
  invocation: UnitInvocation,
  context: ProcessContext,
  target: { systemd: number; account: Account },
): { request: UnitRequest; warnings: string[] } {
  const { raw, words, given, flags } = invocation;
  const options = toRunOptions(invocation, context);
  const { name, cwd, listen, policy, configFile, record } = options;
  assertUnitName(name);
  if (raw.control === 'none') {
    throw new UsageError('--control none: `systemctl reload` needs the control socket');
  }
  const directory = { logical: cwd, physical: physicalDirectory(cwd) };
  const bin = inPackage('bin/graceful-run.js');
  const node = process.execPath;
  const found = findCommand(options.command, context.env.PATH ?? '', cwd);
  const extraPath = new Set([
    ...('file' in found ? directoryToAdd(options.command, found.file, cwd) : []),
    // Scripts that begin with `#!/usr/bin/env node` look for it too.
    ...directoryToAdd('node', node, cwd),
  ]);
  const control = raw.control === undefined ? null : options.control;
  /** Node knows only real paths, and one into the present release would be removed with that release. */
  const throughLink = (path: string) =>
    isUnder(path, [directory.physical])
      ? resolve(directory.logical, path.slice(directory.physical.length + 1))
      : path;
  const request: UnitRequest = {
    ...target,
    ...{ name, directory, listen, control, record },
    version: context.version,
    node: throughLink(node),
    bin: throughLink(bin),
    command: words,
    options: optionWords({
      ...given,
      ...(given.control !== undefined && control !== null && { control }),
      ...(given.config !== undefined && configFile !== null && { config: configFile }),
    }),
    timeouts: { start: policy.startTimeout, drain: policy.drainTimeout, kill: policy.killTimeout },
    socketUnits: flags.socket ?? false,
    extraPath: [...extraPath].map(throughLink),
    requiredPaths: [
      ...[cwd, directory.physical, node, bin, ...extraPath],
      ...[control, record, configFile].filter((path) => path !== null),
      ...options.envFiles.map((path) => resolve(cwd, path)),
      ...listen.flatMap(({ address }) => (address.kind === 'unix' ? [address.path] : [])),
      // Also `--config=/home/me/x` and `../x`. A word that is not a path becomes one in the directory, which is needed anyway.
      ...[options.command, ...options.args].map((word) =>
        resolve(cwd, word.replace(/^-[^=/]*=/, '')),
      ),
    ],
  };
  const missing = 'file' in found ? [] : [`${found.reason}; the unit is made all the same`];
  return { request, warnings: [...missing, ...warningsFor(request, bin)] };
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

function physicalDirectory(directory: string): string {
  try {
    return realpathSync(directory);
  } catch (cause) {
    const problem = `the working directory ${directory} does not exist`;
    throw new StartError(problem, undefined, { cause });
  }
}

/** The directory of `file`, unless systemd finds the same file by the name `word`. */
function directoryToAdd(word: string, file: string, cwd: string): string[] {
  const asService = findCommand(word, SEARCH_PATH, cwd);
  const isSame = 'file' in asService && realPath(asService.file) === realPath(file);
  return isSame ? [] : [dirname(file)];
}

function warningsFor(
  { bin, directory, account, requiredPaths }: UnitRequest,
  realBin: string,
): string[] {
  const warnings: string[] = [];
  if (/\/_npx\//.test(realBin) || isUnder(realBin, TEMPORARY)) {
    warnings.push(
      `graceful-run itself is in a temporary directory, ${realBin}; install it where it stays: npm install --global graceful-run, or in the app`,
    );
  } else if (directory.logical !== directory.physical && isUnder(bin, [directory.logical])) {
    warnings.push(
      `graceful-run itself is in the release that ${directory.logical} leads to: keep that release until the next \`systemctl restart\`, or npm install --global graceful-run`,
    );
  }
  const temporary = requiredPaths.find((path) => isUnder(path, TEMPORARY));
  if (account.kind === 'dynamic' && temporary !== undefined) {
    warnings.push(`a dynamic user has a /tmp of its own, in which ${temporary} does not exist`);
  }
  const home = requiredPaths.find((path) => isUnder(path, ['/root']));
  if (home !== undefined && !isRoot(account)) {
    warnings.push(`no other user than root can reach ${home}`);
  }
  return warnings;
}
