// What starting, reloading and stopping is for all contestants.
import type { ChildProcess } from 'node:child_process';
import { eventually } from '../../helpers/eventually.js';
import { isRunning } from '../../helpers/supervisor.js';
import { type Launched, launch, type Outcome, runIn } from './launch.js';
import type { AppOptions, AskedBy, Peer, Release, Running } from './peer.js';
import { makePlace, type Place } from './place.js';

/** Of a command that asks for a reload; 64 workers, two at a time, take a while. */
const RELOAD_LIMIT_MS = 120_000;
const COMMAND_LIMIT_MS = 30_000;

type Asked = Outcome & { readonly from: AskedBy };

/** In what a contestant differs from another. `root` is the pid of the command that started it. */
export interface Way {
  readonly env?: (directory: string) => NodeJS.ProcessEnv;
  /** Before the first release is put in place. */
  readonly prepare?: (place: Place) => unknown;
  /** Puts a release in place; that of the place when absent. */
  readonly deploy?: (place: Place, release: Release) => void;
  /** What a user types. */
  readonly command: (place: Place) => readonly string[];
  /** It has answered; resolves when it can be asked to reload. */
  readonly started?: (place: Place, child: ChildProcess) => unknown;
  readonly processes: (place: Place, root: number) => ReturnType<Running['processes']>;
  readonly reload: ((place: Place, root: number, limitMs: number) => Asked | Promise<Asked>) | null;
  /** The signal of a peer that takes one, where `reload` is a command. */
  readonly signal?: (place: Place, root: number) => void;
  /** Asks it to end; all processes are then waited for. */
  readonly stop: (place: Place, root: number) => unknown;
}

export async function start(peer: Peer, app: AppOptions, way: Way): Promise<Running> {
  if ((app.workers ?? 1) > peer.mostWorkers) throw new Error(`${peer.name}: too many workers`);
  const place = makePlace(app, way.env);
  const deploy = (release: Release) =>
    way.deploy ? way.deploy(place, release) : place.deploy(release);
  let launched: Launched;
  try {
    way.prepare?.(place);
    deploy({ generation: 1 });
    launched = await launch(place, way.command(place));
    await way.started?.(place, launched.child);
    const { pid = 0 } = launched.child;
    const workers = () => way.processes(place, pid).workers.length;
    if (!peer.threads) await eventually('all workers', workers, (n) => n >= place.workers);
  } catch (error) {
    place.clear();
    throw error;
  }
  const root = launched.child.pid ?? 0;
  const { reload, signal } = way;
  let stopping: Promise<boolean> | undefined;
  return {
    peer,
    endpoint: { host: '127.0.0.1', port: place.port },
    firstAnswerMs: launched.firstAnswerMs,
    processes: () => way.processes(place, root),
    reload:
      reload &&
      (async (release, limitMs = RELOAD_LIMIT_MS) => {
        deploy(release);
        const began = performance.now();
        const outcome = await reload(place, root, limitMs);
        return { ...outcome, began, tookMs: performance.now() - began };
      }),
    signal: signal
      ? (release) => {
          deploy(release);
          const sent = performance.now();
          signal(place, root);
          return sent;
        }
      : null,
    stop() {
      stopping ??= (async () => {
        try {
          await way.stop(place, root);
        } catch (error) {
          await place.emptied();
          throw error;
        }
        return place.emptied();
      })();
      return stopping;
    },
  };
}

/** The part of a way for those that are asked to reload, and to end, by commands. */
export function byCommands(reload: (place: Place) => string[], stop: (place: Place) => string[]) {
  return {
    reload: async (place: Place, _: number, limitMs: number) => ({
      from: 'command' as const,
      ...(await runIn(place, reload(place), limitMs)),
    }),
    stop: (place: Place) => runIn(place, stop(place), COMMAND_LIMIT_MS),
  };
}

/** The part of a way for those that know signals alone. */
export const ENDS_ON_SIGTERM = {
  stop: (_: Place, root: number) => isRunning(root) && process.kill(root, 'SIGTERM'),
};
