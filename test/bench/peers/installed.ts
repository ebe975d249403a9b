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
export const contestantPackages = (...names: string[]): Installed => packagesIn(contestants, names);
export const contestantVersion = (name: string): string => versionIn(contestants, name);
export const isContestantInstalled = (name: string): boolean => isInstalledIn(contestants, name);

/** As these, of a contestant that is a development dependency of ours. */
export const ownDevelopmentPackages = (...names: string[]): Installed => packagesIn(root, names);
export const ownDevelopmentVersion = (name: string): string => versionIn(root, name);
export const isOwnInstalled = (name: string): boolean => isInstalledIn(root, name);

function packagesIn(base: string, names: readonly string[]): Installed {
  const packages = packagesOf(base);
  const folders = new Set(names.flatMap((name) => neededBy(packages, `node_modules/${name}`)));
  // Optional ones for other platforms are locked and not installed.
  const present = [...folders].filter((folder) => existsSync(join(base, folder)));
  return { bytes: sizeOf(base, present), packages: present.length };
}

function versionIn(base: string, name: string): string {
  return JSON.parse(readFileSync(packageFile(base, name), 'utf8')).version;
}

function isInstalledIn(base: string, name: string): boolean {
  return existsSync(packageFile(base, name));
}

const packageFile = (base: string, name: string) =>
  join(base, 'node_modules', name, 'package.json');

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
