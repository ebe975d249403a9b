// A cgroup of its own for each machine. systemd-nspawn puts `payload` and `supervisor` below the cgroup that
// it is started in; two machines in one would share their units.
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

export interface OwnCgroup {
  /** Files to which a process writes its pid to move in. */
  readonly doors: readonly string[];
  readonly name: string;
  /** Removes it; everything in it has to be gone. */
  remove(): void;
}

/** One folder in each hierarchy that systemd uses: one (v2), or two (v1 and hybrid). */
export function ownCgroup(nth: number): OwnCgroup {
  const name = `graceful-run-test-${process.pid}-${nth}`;
  const parents = systemdHierarchies();
  if (parents.length === 0) throw new Error('no cgroup hierarchy of systemd is mounted');
  const folders = parents.map((parent) => join(parent, name));
  for (const folder of folders) mkdirSync(folder);
  return {
    name,
    doors: folders.map((folder) => join(folder, 'cgroup.procs')),
    remove: () => folders.forEach(removeTree),
  };
}

/** Our own cgroup in each hierarchy, as a path below its mount point, cgroups(7). */
function systemdHierarchies(): string[] {
  const own = new Map(
    readFileSync('/proc/self/cgroup', 'utf8')
      .trim()
      .split('\n')
      .map((line) => /^\d+:([^:]*):(.*)$/.exec(line) ?? [])
      .map(([, controllers = '', path = '/']) => [controllers, path]),
  );
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return mounts.flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [type, , options = ''] = after.split(' ');
    const named = type === 'cgroup' && options.split(',').includes('name=systemd');
    const path = own.get(type === 'cgroup2' ? '' : 'name=systemd');
    const isOurs = (type === 'cgroup2' || named) && path !== undefined;
    return isOurs ? [join(before.split(' ')[4] ?? '', path)] : [];
  });
}

/** Files of a cgroup cannot be removed, and go with their folder. */
function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  rmdirSync(folder);
}
