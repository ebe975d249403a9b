// What starting, reloading and stopping is for all contestants.
import { performance } from 'node:perf_hooks';
import { type Launched, launch, runIn } from './launch.js';
import type { AppOptions, CommandResult, Peer, Running } from './peer.js';
import { makePlace, type Place } from './place.js';

/** In what a contestant differs from another. */
export interface Way {
  /** The command that a user types. */
  readonly command: (place: Place) => readonly string[];
  readonly processes: (place: Place, root: number) => ReturnType<Running['processes']>;
  readonly reload: ((place: Place, root: number) => Promise<number | null>) | null;
  /** The signal of a peer that takes one, where `reload` is a command. */
  readonly signal?: (place: Place, root: number) => void;
  /** Asks it to end; all processes are then waited for. */
  readonly stop: (place: Place, root: number) => unknown;
}

export async function start(peer: Peer, app: AppOptions, way: Way): Promise<Running> {
  if ((app.workers ?? 1) > peer.mostWorkers) throw new Error(`${peer.name}: too many workers`);
  const place = makePlace(app);
  place.deploy({ generation: 1 });
  let launched: Launched;
  try {
    launched = await launch(place, way.command(place));
  } catch (error) {
    place.clear();
    throw error;
  }
  const root = launched.child.pid ?? 0;
  const { reload, signal } = way;
  return {
    peer,
    endpoint: { host: '127.0.0.1', port: place.port },
    firstAnswerMs: launched.firstAnswerMs,
    processes: () => way.processes(place, root),
    reload:
      reload &&
      ((release) => {
        place.deploy(release);
        return timed(() => reload(place, root));
      }),
    signal: signal
      ? (release) => {
          place.deploy(release);
          const sent = performance.now();
          signal(place, root);
          return sent;
        }
      : null,
    async stop() {
      try {
        await way.stop(place, root);
      } catch (error) {
        // It has died already.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
      await place.emptied();
    },
  };
}

/** The exit status of a command of the contestant. */
export async function statusOf(place: Place, command: readonly string[]): Promise<number | null> {
  return (await runIn(place, command)).status;
}

async function timed(ask: () => Promise<number | null>): Promise<CommandResult> {
  const began = performance.now();
  const status = await ask();
  return { status, began, tookMs: performance.now() - began };
}
