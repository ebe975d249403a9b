// What a unit needs to know about this machine: its systemd and its users.
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { readVersion } from './key-versions.js';

const run = promisify(execFile);

/** Major version of the systemd that is installed, whether it runs or not; null when there is none. */
export async function installedSystemd(): Promise<number | null> {
  try {
    const { stdout } = await run('systemctl', ['--version']);
    return readVersion(stdout);
  } catch {
    return null;
  }
}

/** Name of the user who runs this; the number where it has no name. */
export function presentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 0);
  }
}

/** Asks every place in which users can be, nsswitch.conf(5). */
export async function isUser(name: string): Promise<boolean> {
  return run('id', ['-u', '--', name]).then(
    () => true,
    () => false,
  );
}
