// Where one contestant runs: a directory, a port and an environment of its own, and nothing of it left behind.
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../helpers/eventually.js';
import { deploy } from '../../helpers/releases/deploy.js';
import { holdPort } from '../../helpers/sockets/free-port.js';
import { cleanEnvironment } from '../../helpers/supervisor.js';
import { markedWith } from '../proc/processes.js';
import type { AppOptions, Release } from './peer.js';

const STOP_LIMIT_MS = 15_000;

export interface Place {
  readonly directory: string;
  readonly port: number;
  readonly workers: number;
  readonly env: NodeJS.ProcessEnv;
  /** The next worker that boots gets it. */
  deploy(release: Release): void;
  /** Waits until all that was started here is gone, kills what does not go; resolves with whether all went. */
  emptied(): Promise<boolean>;
  /** Kills what is left, and removes the directory. */
  clear(): void;
}

const places = new Set<Place>();

// Without a listener a signal ends the bench without the event `exit`. Daemons leave every session and group,
// so that nothing but this would end them.
process.once('exit', () => {
  for (const place of places) place.clear();
});
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGQUIT', 131],
] as const)
  process.once(signal, () => process.exit(status));

/** `more`: variables that the contestant wants besides. */
export function makePlace(
  { workers = 1, bootMs = 0, handlerMs = 0 }: AppOptions,
  more: (directory: string) => NodeJS.ProcessEnv = () => ({}),
): Place {
  const directory = mkdtempSync(join(tmpdir(), 'gr-bench-'));
  const runtime = join(directory, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const release = join(directory, 'release.json');
  const held = holdPort();
  const mark = `BENCH_PLACE=${randomUUID()}`;
  const env = {
    ...cleanEnvironment(),
    ...{ PWD: directory, XDG_RUNTIME_DIR: runtime, BENCH_PLACE: mark.slice('BENCH_PLACE='.length) },
    ...{ PORT: String(held.port), WORKERS: String(workers), RELEASE_FILE: release },
    ...{ BOOT_MS: String(bootMs), HANDLER_MS: String(handlerMs) },
    ...more(directory),
  };
  const place: Place = {
    ...{ directory, port: held.port, workers, env },
    deploy: (next) => deploy(release, JSON.stringify(next)),
    async emptied() {
      const left = () => markedWith(mark);
      const isGone = await eventually(
        'all gone',
        left,
        (pids) => pids.length === 0,
        STOP_LIMIT_MS,
      ).then(
        () => true,
        ({ message }: Error) => {
          // No failure of a run: what is measured has been measured by then.
          console.error(`${message}; killed in ${directory}`);
          return false;
        },
      );
      place.clear();
      return isGone;
    },
    clear() {
      if (!places.delete(place)) return;
      killAll(mark);
      held.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  places.add(place);
  return place;
}

/** Again and again: one of them may be about to start another. */
function killAll(mark: string): void {
  for (let round = 0; round < 100; round += 1) {
    const pids = markedWith(mark);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went by itself.
      }
    }
  }
}
