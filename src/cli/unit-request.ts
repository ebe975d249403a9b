// From a command line to what a unit is made from: where things are, seen from a service that has neither
// the shell's variables nor its place.
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StartError, UsageError } from '../errors.js';
import { inPackage } from '../package-root.js';
import { isUnder, type RunsAs, SEARCH_PATH, type UnitRequest } from '../systemd-unit/unit-input.js';
import { assertUnitName } from '../systemd-unit/unit-names.js';
import { findCommand } from '../workers/find-command.js';
import { type Surroundings, toRunOptions } from './resolve-options.js';
import type { UnitInvocation } from './unit-options.js';

type Directory = UnitRequest['directory'];

/** Throws UsageError for what is wrong in any option, StartError when the directory is not there. */
export function unitRequest(
  { raw, words, given, flags, config }: UnitInvocation,
  around: Surroundings,
  target: { systemd: number; runsAs: RunsAs },
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
  const command = placeOf(options.command, around.env.PATH ?? '', directory);
  const searchFirst = [...new Set([...command.searchFirst, ...searchForNode(node, directory)])];
  const control = raw.control === undefined ? null : options.control;
  const request: UnitRequest = {
    ...target,
    name,
    version: around.version,
    node: throughLink(node, directory),
    bin: throughLink(bin, directory),
    words,
    given: given.map((one) => {
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
    searchFirst: searchFirst.map((one) => throughLink(one, directory)),
    needs: [
      ...[cwd, directory.physical, node, bin, ...searchFirst],
      ...(control === null ? [] : [control]),
      ...(configFile === null ? [] : [configFile]),
      ...options.envFiles.map((path) => resolve(cwd, path)),
      ...listen.flatMap(({ address }) => (address.kind === 'unix' ? [address.path] : [])),
      // `--config=/home/me/x` and `../x` as well; what is no path lands in the directory, which is needed anyway.
      ...run.map((word) => resolve(cwd, word.replace(/^-[^=/]*=/, ''))),
    ],
  };
  const remarks = [...command.remarks, ...remarksOn(request, bin)];
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
    return { searchFirst: [], remarks: [`${found.reason}; the unit is made all the same`] };
  const asService = findCommand(word, SEARCH_PATH, logical);
  const same = 'file' in asService && isSameFile(asService.file, found.file);
  return { searchFirst: same ? [] : [dirname(found.file)], remarks: [] };
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

function remarksOn({ bin, directory, runsAs, needs }: UnitRequest, realBin: string): string[] {
  const remarks: string[] = [];
  const elsewhere = 'install it where it stays: npm install --global graceful-run, or in the app';
  if (/\/_npx\//.test(realBin) || isUnder(realBin, ['/tmp', '/var/tmp'])) {
    remarks.push(`graceful-run itself is in a temporary place, ${realBin}; ${elsewhere}`);
  } else if (directory.logical !== directory.physical && isUnder(bin, [directory.logical])) {
    remarks.push(
      `graceful-run itself is in the release that ${directory.logical} leads to: keep that release until the next \`systemctl restart\`, or npm install --global graceful-run`,
    );
  }
  const temporary = needs.find((path) => isUnder(path, ['/tmp', '/var/tmp']));
  if (runsAs.kind === 'dynamic' && temporary !== undefined) {
    remarks.push(`a dynamic user has a /tmp of its own, in which ${temporary} is not`);
  }
  const home = needs.find((path) => isUnder(path, ['/root']));
  if (home !== undefined && !(runsAs.kind === 'static' && runsAs.user === 'root')) {
    remarks.push(`no other user than root can reach ${home}`);
  }
  return remarks;
}
