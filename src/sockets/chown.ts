// Gives a socket file to the user and group that `owner=` names.
import { chownSync, readFileSync, statSync } from 'node:fs';
import { StartError } from '../errors.js';

/** Names are looked up in /etc/passwd and /etc/group; numbers are taken as they are. */
export function applyOwner(
  path: string,
  owner: { readonly user: string | null; readonly group: string | null },
): void {
  const present = statSync(path);
  const uid = owner.user === null ? present.uid : idOf(owner.user, '/etc/passwd', 'user');
  const gid = owner.group === null ? present.gid : idOf(owner.group, '/etc/group', 'group');
  chownSync(path, uid, gid);
}

function idOf(name: string, file: string, what: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const lines = readFileSync(file, 'utf8').split('\n');
  const fields = lines.map((line) => line.split(':')).find(([first]) => first === name);
  if (!fields?.[2]) throw new StartError(`there is no ${what} ${name} (looked in ${file})`);
  return Number(fields[2]);
}
