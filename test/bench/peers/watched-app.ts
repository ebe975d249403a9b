// The app of those that watch its files: a copy for each in its place, and a release is a save of one of its modules.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploy } from '../../helpers/releases/deploy.js';
import { app } from '../paths.js';
import { childrenOf, commandOf } from '../proc/processes.js';
import type { Release } from './peer.js';
import type { Place } from './place.js';
import type { Way } from './start.js';

export const WATCHED = 'app.mjs';

/** The part of a way for those that run the watched app. */
export const WATCHED_APP = {
  prepare: ({ directory }: Place) => cpSync(app('watched'), directory, { recursive: true }),
  deploy: ({ directory }: Place, release: Release) =>
    save(join(directory, 'lib/release.mjs'), release),
} satisfies Partial<Way>;

/** For those that watch it besides, from a process that does not serve. */
export const RELOADS_ON_SAVE = {
  ...WATCHED_APP,
  // The release was put in place: that is all that a user does.
  reload: () => ({ from: 'save' as const, status: null }),
  processes: (_: Place, root: number) => {
    const children = childrenOf(root);
    const workers = children.filter((pid) => commandOf(pid).some((word) => word.endsWith(WATCHED)));
    const helpers = children.filter((pid) => !workers.includes(pid));
    return { supervisor: [root, ...helpers], workers };
  },
} satisfies Partial<Way>;

/** As editors do: every other time in place, else a new file that gets the name of the old one. */
function save(file: string, { generation, broken = false }: Release): void {
  const text = broken
    ? `throw new Error('release ${generation} is broken');\n`
    : `// What a save replaces.\nexport const generation = ${generation};\n`;
  if (generation % 2 === 0) deploy(file, text);
  else writeFileSync(file, text);
}
