// What a unit needs to know about this machine: its systemd and its users.
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Major version of the systemd that is installed, whether it runs or not; null when there is none. */
export async function installedSystemd(): Promise<number | null> {
  try {
    const { stdout } = await run('systemctl', ['--version']);
    const digits = /^systemd (\d+)/.exec(stdout)?.[1];
    return digits === undefined ? null : Number(digits);
  } catch {
    return null;
  }
}

/** Name of the user who runs this process; the number if it has no name. */
export function presentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 0);
  }
}

/** Asks all sources of users, nsswitch.conf(5). */
export async function isUser(name: string): Promise<boolean> {
  return run('id', ['-u', '--', name]).then(
    () => true,
    () => false,
  );
}
