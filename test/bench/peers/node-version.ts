// Contestants that come with Node have its version.
import { execFileSync } from 'node:child_process';
import { node } from '../../helpers/paths.js';

export function nodeVersion(): string {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}
