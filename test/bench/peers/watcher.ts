// Contestants that watch the files of an app: they differ in their commands.
import type { Peer } from './peer.js';
import { ENDS_ON_SIGTERM, start, type Way } from './start.js';
import { RELOADS_ON_SAVE } from './watched-app.js';

/** The scenario that has them, and nobody else. */
export const SAVES = 'saves';

type Facts = Pick<Peer, 'name' | 'about' | 'version' | 'installed'> &
  Partial<Pick<Peer, 'missing'>> &
  Pick<Way, 'env'> & {
    /** What a user types. */
    readonly command: readonly string[];
  };

export function watcher({ command, env, ...facts }: Facts): Peer {
  const self: Peer = {
    missing: () => null,
    ...facts,
    mostWorkers: 1,
    watches: true,
    onlyIn: [SAVES],
    start: (options) =>
      start(self, options, {
        ...(env && { env }),
        command: () => command,
        ...RELOADS_ON_SAVE,
        ...ENDS_ON_SIGTERM,
      }),
  };
  return self;
}
