// What a process holds: memory, descriptors, and children that nobody has taken note of. Reads /proc.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../supervisor.js';

export interface Memory {
  /** KiB. */
  readonly rss: number;
  readonly anonymous: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const value = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { rss: value('VmRSS'), anonymous: value('RssAnon') };
}

/** What the descriptors of a process are, without numbers and inodes. */
export function kindsOfDescriptors(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory)
    .map((fd) => readlinkSync(join(directory, fd)).replace(/\d+/g, 'n'))
    .sort();
}

/** Files and directories that the kernel watches for a process: inotify(7). */
export function watchesOf(pid: number): number {
  const directory = `/proc/${pid}/fdinfo`;
  const texts = readdirSync(directory).map((fd) => readFileSync(join(directory, fd), 'latin1'));
  return texts.join('\n').match(/^inotify wd:/gm)?.length ?? 0;
}

/** Pids of the living children of a process. */
export const childrenOf = (parent: number): number[] => familyOf(parent).filter(isRunning);

/** Pids of the dead ones that it has not waited for. */
export const zombiesOf = (parent: number): number[] =>
  familyOf(parent).filter((pid) => !isRunning(pid));

/** Those that its main thread has started, which is the only one of Node that starts any: proc(5). */
function familyOf(parent: number): number[] {
  const pids = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8');
  return pids.split(' ').filter(Boolean).map(Number);
}
