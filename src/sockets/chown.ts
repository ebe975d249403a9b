// Gives a socket file to the user and group that `owner=` names.
import { chownSync, readFileSync, statSync } from 'node:fs';
import { StartError } from '../errors.js';
import type { Owner } from './listen-spec.js';

/**
 * Names are looked up in /etc/passwd and /etc/group, numbers are taken as they are. Throws StartError for an unknown
 * name, and the system error when the owner cannot be changed.
 */
export function applyOwner(path: string, owner: Owner): void {
  const present = statSync(path);
  const uid = owner.user === null ? present.uid : idOf(owner.user, '/etc/passwd', 'user');
  const gid = owner.group === null ? present.gid : idOf(owner.group, '/etc/group', 'group');
  chownSync(path, uid, gid);
}

function idOf(name: string, file: string, kind: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const lines = readFileSync(file, 'utf8').split('\n');
  const fields = lines.map((line) => line.split(':')).find(([first]) => first === name);
  if (!fields?.[2]) throw new StartError(`there is no ${kind} ${name} (looked in ${file})`);
  return Number(fields[2]);
}
