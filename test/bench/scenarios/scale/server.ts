// graceful-run with so many workers and sockets, and a word with its master that no command stands between.

import { join } from 'node:path';
import { sendControlRequest } from '../../../../src/control/client.js';
import type { StatusReport } from '../../../../src/status/report-types.js';
import { V8_FLAGS } from '../../../../src/v8-flags.js';
import { get } from '../../../helpers/client.js';
import { eventually } from '../../../helpers/eventually.js';
import { bin, node } from '../../../helpers/paths.js';
import { app } from '../../paths.js';
import { gracefulRun } from '../../peers/graceful-run.js';
import { runIn } from '../../peers/launch.js';
import type { Running } from '../../peers/peer.js';
import type { Place } from '../../peers/place.js';
import { start } from '../../peers/start.js';
import { childrenOf, commandOf } from '../../proc/processes.js';

export interface Shape {
  readonly workers: number;
  readonly sockets: number;
}

export interface Server {
  readonly endpoint: Running['endpoint'];
  readonly master: number;
  /** Path of the control socket. */
  readonly control: string;
  status(): Promise<StatusReport>;
  /** Milliseconds from the request to the word that the new generation serves. */
  reload(): Promise<number>;
  /** Waits until only the serving generation is left. */
  settled(): Promise<StatusReport>;
  /** `graceful-run status --json`, as a user runs it; milliseconds. */
  statusCommand(): Promise<number>;
  stop(): Promise<boolean>;
}

const APP = app('all-sockets.mjs');
/** Longer than the bench lasts: a retired worker keeps its idle connections for half of it. */
const DRAIN = '10m';
const COMMAND_LIMIT_MS = 10_000;

export async function startServer({ workers, sockets }: Shape): Promise<Server> {
  let place: Place | undefined;
  const controlOf = ({ directory }: Place) => join(directory, 'control.sock');
  const running = await start(
    gracefulRun,
    { workers },
    {
      command(here) {
        place = here;
        const ports = [here.port, ...Array.from({ length: sockets - 1 }, () => 0)];
        return [
          ...[node, ...V8_FLAGS, bin, '--control', controlOf(here), '--workers', String(workers)],
          ...['--drain-timeout', DRAIN],
          ...ports.flatMap((port) => ['--listen', `127.0.0.1:${port}`]),
          ...['--', node, APP],
        ];
      },
      processes: (_, master) => ({
        supervisor: [master],
        workers: childrenOf(master).filter((pid) => commandOf(pid).includes(APP)),
      }),
      reload: null,
      // At once: nobody has anything on the connections that are left.
      stop: (here) => sendControlRequest([controlOf(here)], { command: 'stop', now: true }),
    },
  );
  const here = place as Place;
  const control = controlOf(here);

  async function status(): Promise<StatusReport> {
    const reply = await sendControlRequest([control], { command: 'status' });
    if (!reply.status) throw new Error(reply.reason);
    return reply.status;
  }

  return {
    ...{ endpoint: running.endpoint, control, status, stop: running.stop },
    master: running.processes().supervisor[0] ?? 0,
    async reload() {
      const began = performance.now();
      const reply = await sendControlRequest([control], { command: 'reload', wait: true });
      if (!reply.ok) throw new Error(reply.reason);
      return performance.now() - began;
    },
    settled: () =>
      eventually(
        'one generation alone',
        status,
        (report) => report.workers.length === workers && report.phase === 'serving',
      ),
    async statusCommand() {
      const began = performance.now();
      const command = [node, bin, 'status', '--json', '--control', control];
      const { status: code } = await runIn(here, command, COMMAND_LIMIT_MS);
      if (code !== 0) throw new Error(`graceful-run status ended with ${code}`);
      return performance.now() - began;
    },
  };
}

/** Throws when one of its sockets is not served. */
export async function answersEverywhere({ sockets }: StatusReport): Promise<void> {
  await Promise.all(sockets.map(({ address }) => get(address)));
}
