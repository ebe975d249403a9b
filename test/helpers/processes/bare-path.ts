// A PATH on which there is nothing but what a test puts there: slim images have neither ps nor setpriv.
import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { node } from '../paths.js';
import { scratch } from '../supervisor.js';

/** Environment with a directory that holds `node` and the given programs, by their full names. */
export function barePath(t: TestContext, ...programs: string[]): { PATH: string } {
  const directory = join(scratch(t), 'bin');
  mkdirSync(directory);
  symlinkSync(node, join(directory, 'node'));
  for (const program of programs) symlinkSync(program, join(directory, basename(program)));
  return { PATH: directory };
}
