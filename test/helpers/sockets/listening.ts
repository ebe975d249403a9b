// Who listens, by the tables of the kernel: a retired worker has stopped accepting when its descriptor is gone.
import { readFileSync, statSync } from 'node:fs';
import { parseTcp, parseUnix, TCP_STATE } from 'node-systemd-notify/linux';
import { eventually } from '../eventually.js';
import { descriptorsOf, isRunning } from '../supervisor.js';

/** Resolves when the process listens on nothing any more, also because it is gone. */
export async function stoppedAccepting(pid: number): Promise<void> {
  await eventually(
    `process ${pid} has stopped accepting`,
    () => !isRunning(pid) || !isListening(pid),
  );
}

function isListening(pid: number): boolean {
  const table = (name: string) => readFileSync(`/proc/net/${name}`, 'utf8');
  const tcp = parseTcp(table('tcp') + table('tcp6'), new Set([TCP_STATE.listen]));
  const unix = parseUnix(table('unix')).filter(({ listening }) => listening);
  const inodes = new Set([...tcp, ...unix].map(({ inode }) => inode));
  return descriptorsOf(pid).some((fd) => {
    const descriptor = statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false });
    return descriptor?.isSocket() && inodes.has(descriptor.ino);
  });
}
