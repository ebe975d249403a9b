// From a command line to what a unit is made from: where things are, seen from a service that has neither
// the shell's variables nor its place.
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StartError, UsageError } from '../errors.js';
import { inPackage } from '../package-root.js';
import {
  type Account,
  isUnder,
  SEARCH_PATH,
  type UnitRequest,
} from '../systemd-unit/unit-input.js';
import { assertUnitName } from '../systemd-unit/unit-names.js';
import { findCommand } from '../workers/find-command.js';
import { type ProcessContext, toRunOptions } from './resolve-options.js';
import type { UnitInvocation } from './unit-options.js';

type Directory = UnitRequest['directory'];

/** Throws UsageError for what is wrong in any option, StartError when the directory is not there. */
export function unitRequest(
  { raw, words, given, flags, config }: UnitInvocation,
  around: ProcessContext,
  target: { systemd: number; account: Account },
): { request: UnitRequest; remarks: string[] } {
  const options = toRunOptions(raw, words, around, config);
  const { name, cwd, listen, policy, configFile } = options;
  const run = [options.command, ...options.args];
  assertUnitName(name);
  if (raw.control === 'none') {
    throw new UsageError('--control none: `systemctl reload` needs the control socket');
  }
  const directory = { logical: cwd, physical: physicalOf(cwd) };
  const bin = inPackage('bin/graceful-run.js');
  const node = process.execPath;
  const place = placeOf(options.command, around.env.PATH ?? '', directory);
  const extraPath = [...new Set([...place.extraPath, ...searchForNode(node, directory)])];
  const control = raw.control === undefined ? null : options.control;
  const request: UnitRequest = {
    ...target,
    name,
    version: around.version,
    node: throughLink(node, directory),
    bin: throughLink(bin, directory),
    command: words,
    cliOptions: given.map((one) => {
      if (one.flag === '--control') return { ...one, value: control };
      return one.flag === '--config' && configFile ? { ...one, value: configFile } : one;
    }),
    directory,
    timeouts: {
      start: policy.startTimeout,
      drain: policy.drainTimeout,
      kill: policy.killTimeout,
    },
    listen,
    control,
    socketUnits: flags.socket ?? false,
    extraPath: extraPath.map((one) => throughLink(one, directory)),
    requiredPaths: [
      ...[cwd, directory.physical, node, bin, ...extraPath],
      ...(control === null ? [] : [control]),
      ...(configFile === null ? [] : [configFile]),
      ...options.envFiles.map((path) => resolve(cwd, path)),
      ...listen.flatMap(({ address }) => (address.kind === 'unix' ? [address.path] : [])),
      // `--config=/home/me/x` and `../x` as well; what is no path lands in the directory, which is needed anyway.
      ...run.map((word) => resolve(cwd, word.replace(/^-[^=/]*=/, ''))),
    ],
  };
  const remarks = [...place.remarks, ...remarksOn(request, bin)];
  return { request, remarks };
}

function physicalOf(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    throw new StartError(`the working directory ${directory} is not there`);
  }
}

/** Node knows real paths only; a path into the present release is gone with it. */
function throughLink(path: string, { logical, physical }: Directory): string {
  return isUnder(path, [physical]) ? resolve(logical, path.slice(physical.length + 1)) : path;
}

function placeOf(word: string, path: string, { logical }: Directory) {
  const found = findCommand(word, path, logical);
  if (!('file' in found))
    return { extraPath: [], remarks: [`${found.reason}; the unit is made all the same`] };
  const asService = findCommand(word, SEARCH_PATH, logical);
  const same = 'file' in asService && isSameFile(asService.file, found.file);
  return { extraPath: same ? [] : [dirname(found.file)], remarks: [] };
}

/** Scripts that begin with `#!/usr/bin/env node` look for it too. */
function searchForNode(node: string, { logical }: Directory): string[] {
  const asService = findCommand('node', SEARCH_PATH, logical);
  return 'file' in asService && isSameFile(asService.file, node) ? [] : [dirname(node)];
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One that this user cannot see: sudo from a place of root's, say.
    return false;
  }
}

function remarksOn(
  { bin, directory, account, requiredPaths }: UnitRequest,
  realBin: string,
): string[] {
  const remarks: string[] = [];
  const elsewhere = 'install it where it stays: npm install --global graceful-run, or in the app';
  if (/\/_npx\//.test(realBin) || isUnder(realBin, ['/tmp', '/var/tmp'])) {
    remarks.push(`graceful-run itself is in a temporary place, ${realBin}; ${elsewhere}`);
  } else if (directory.logical !== directory.physical && isUnder(bin, [directory.logical])) {
    remarks.push(
      `graceful-run itself is in the release that ${directory.logical} leads to: keep that release until the next \`systemctl restart\`, or npm install --global graceful-run`,
    );
  }
  const temporary = requiredPaths.find((path) => isUnder(path, ['/tmp', '/var/tmp']));
  if (account.kind === 'dynamic' && temporary !== undefined) {
    remarks.push(`a dynamic user has a /tmp of its own, in which ${temporary} is not`);
  }
  const home = requiredPaths.find((path) => isUnder(path, ['/root']));
  if (home !== undefined && !(account.kind === 'static' && account.user === 'root')) {
    remarks.push(`no other user than root can reach ${home}`);
  }
  return remarks;
}
