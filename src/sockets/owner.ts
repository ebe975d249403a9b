// Gives a socket file to the user and group that `owner=` names.
import { chown, readFile, stat } from 'node:fs/promises';
import { StartError } from '../errors.js';

/** Names are looked up in /etc/passwd and /etc/group; numbers are taken as they are. */
export async function applyOwner(
  path: string,
  owner: { readonly user: string | null; readonly group: string | null },
): Promise<void> {
  const present = await stat(path);
  const uid = owner.user === null ? present.uid : await idOf(owner.user, '/etc/passwd', 'user');
  const gid = owner.group === null ? present.gid : await idOf(owner.group, '/etc/group', 'group');
  await chown(path, uid, gid);
}

async function idOf(name: string, file: string, what: string): Promise<number> {
  if (/^\d+$/.test(name)) return Number(name);
  const lines = (await readFile(file, 'utf8')).split('\n');
  const fields = lines.map((line) => line.split(':')).find(([first]) => first === name);
  if (!fields?.[2]) throw new StartError(`there is no ${what} ${name} (looked in ${file})`);
  return Number(fields[2]);
}
