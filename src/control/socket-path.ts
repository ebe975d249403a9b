// Where the control socket is: one rule for the master, which creates it, and the client, which looks for it.
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../errors.js';

const PRIVATE = 0o700;

/**
 * The places in order of preference; the master takes the first, the client the first where somebody
 * answers, for a login shell does not have the variables of a service.
 */
export function controlPaths(name: string, env: NodeJS.ProcessEnv, uid: number): string[] {
  const file = `${name}.sock`;
  // A list when the unit names several, systemd.exec(5).
  const runtime = env.RUNTIME_DIRECTORY?.split(':')[0];
  const bases = [runtime, env.XDG_RUNTIME_DIR, uid === 0 ? '/run' : undefined].filter(Boolean);
  const paths = bases.map((base) => join(base as string, 'graceful-run', file));
  return [...new Set([...paths, join('/tmp', `graceful-run-${uid}`, file)])];
}

/**
 * Where a service has it whose unit says RuntimeDirectory=<name>, as those of `graceful-run unit` do. Only root
 * can make directories in /run: whoever answers there is that service.
 */
export function serviceControlPaths(name: string): string[] {
  return [name, join(name, 'service')].map((directory) =>
    join('/run', directory, 'graceful-run', `${name}.sock`),
  );
}

/** Makes the directory for nobody but this user, and refuses one that somebody else could have prepared. */
export function makePrivateDirectory(directory: string, uid: number): void {
  mkdirSync(directory, { recursive: true, mode: PRIVATE });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new StartError(
      `the control socket cannot be in ${directory}: it must be a directory of this user that no one else may write to`,
      'choose another place with --control <path>, or none with --control none',
    );
  }
}
