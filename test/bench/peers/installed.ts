// What a user of an npm package gets onto the disk: files of the package and of all that it needs.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../helpers/paths.js';
import { contestants } from '../paths.js';
import { neededBy, type Packages } from './lockfile.js';
import type { Peer } from './peer.js';

type Installed = ReturnType<Peer['installed']>;

/** graceful-run: what `npm pack` would publish, and its dependencies. */
export function ownPackage(): Installed {
  const command = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const said = execFileSync('npm', command, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
  const [packed] = Object.values<{ unpackedSize: number }>(JSON.parse(said));
  const packages = packagesOf(root);
  const folders = neededBy(packages, '').filter((folder) => folder !== '');
  // The package inside ours is a link here, and goes with what is packed.
  const others = folders.filter((folder) => !packages[folder]?.link);
  return {
    bytes: (packed?.unpackedSize ?? Number.NaN) + sizeOf(root, others),
    packages: 1 + folders.length,
  };
}

/** One that `npm run bench:peers` has installed: all of `names` are what its user asks for. */
export function contestantPackages(...names: string[]): Installed {
  const packages = packagesOf(contestants);
  const folders = new Set(names.flatMap((name) => neededBy(packages, `node_modules/${name}`)));
  // Optional ones for other platforms are locked and not installed.
  const present = [...folders].filter((folder) => existsSync(join(contestants, folder)));
  return { bytes: sizeOf(contestants, present), packages: present.length };
}

export function contestantVersion(name: string): string {
  const file = join(contestants, 'node_modules', name, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

export function isContestantInstalled(name: string): boolean {
  return existsSync(join(contestants, 'node_modules', name, 'package.json'));
}

function packagesOf(folder: string): Packages {
  return JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
}

function sizeOf(base: string, folders: readonly string[]): number {
  return folders.reduce((sum, folder) => sum + sizeOfPackage(join(base, folder)), 0);
}

/** Without the packages inside it, which count for themselves. */
function sizeOfPackage(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) bytes += statSync(path).size;
    else if (entry.isDirectory() && entry.name !== 'node_modules') bytes += sizeOfPackage(path);
  }
  return bytes;
}
