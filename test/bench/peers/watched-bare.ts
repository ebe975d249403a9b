// The watched app by itself: what it takes to boot. No contestant, it reloads nothing.
import { node } from '../../helpers/paths.js';
import { bareNode } from './bare-node.js';
import type { AppOptions, Running } from './peer.js';
import { ENDS_ON_SIGTERM, start } from './start.js';
import { WATCHED, WATCHED_APP } from './watched-app.js';

export function startWatchedBare(options: AppOptions): Promise<Running> {
  return start(bareNode, options, {
    ...WATCHED_APP,
    command: () => [node, WATCHED],
    processes: (_, pid) => ({ supervisor: [], workers: [pid] }),
    reload: null,
    ...ENDS_ON_SIGTERM,
  });
}
