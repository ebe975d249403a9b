// What a package of Debian brings along, beyond the system and its interpreter.
import { execFileSync } from 'node:child_process';
import { type DebianPackage, neededBeyond, parsePackages } from './dpkg.js';
import type { Peer } from './peer.js';

const FIELDS = ['Package', 'Essential', 'Installed-Size', 'Pre-Depends', 'Depends'];
const KIB = 1024;
/** Node is counted for nobody either. */
const INTERPRETERS = ['perl'];

/** By the list of installed packages. */
export function debianPackage(name: string): ReturnType<Peer['installed']> {
  const format = `${FIELDS.map((field) => `\${${field}}`).join('\t')}\n`;
  const options = { encoding: 'utf8', maxBuffer: 64 * KIB * KIB } as const;
  const text = execFileSync('dpkg-query', ['--show', '--showformat', format], options);
  const needed: DebianPackage[] = neededBeyond(INTERPRETERS, parsePackages(text), name);
  const bytes = needed.reduce((sum, { kib }) => sum + kib * KIB, 0);
  return { bytes, packages: needed.length };
}
