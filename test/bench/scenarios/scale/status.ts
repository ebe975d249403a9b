// What a status costs the master while its workers hold many connections, and whether a reload has to wait.
import { eventually } from '../../../helpers/eventually.js';
import { loopMs } from '../../proc/usage.js';
import { type Holder, startHolder } from './holder.js';
import { longestWait } from './pings.js';
import { type Server, startServer } from './server.js';

/** Milliseconds. */
export interface Round {
  /** Until the control socket has answered. */
  readonly request: number;
  /** `graceful-run status --json`. */
  readonly command: number;
  /** Processor time of the thread with the master's loop, for one status. */
  readonly loop: number;
  /** The longest that somebody else had to wait for the loop during a status. */
  readonly wait: number;
  readonly reloadAlone: number;
  /** Asked for right behind a status. */
  readonly reloadMeanwhile: number;
}

/** Measures with each of these numbers of connections, in growing order. */
export async function statusRounds(
  counts: readonly number[],
  rounds: number,
): Promise<Map<number, Round[]>> {
  const server = await startServer({ workers: 1, sockets: 1 });
  let holder: Holder | null = null;
  try {
    holder = startHolder(server.endpoint);
    const measured = new Map<number, Round[]>();
    for (const count of counts) {
      if (count > 0) await holder.raise(count);
      await seesAll(server, count);
      const these: Round[] = [];
      for (let round = 0; round < rounds; round += 1) these.push(await oneRound(server));
      // Those that were lost meanwhile would have made it easier.
      await seesAll(server, count);
      measured.set(count, these);
    }
    return measured;
  } finally {
    await holder?.end();
    await server.stop();
  }
}

async function oneRound(server: Server): Promise<Round> {
  const before = loopMs(server.master);
  const request = await timed(server.status);
  const loop = loopMs(server.master) - before;
  return {
    ...{ request, loop },
    command: await server.statusCommand(),
    wait: await longestWait(server.control, server.status),
    reloadAlone: await server.reload(),
    reloadMeanwhile: await reloadMeanwhile(server),
  };
}

async function reloadMeanwhile({ status, reload }: Server): Promise<number> {
  const asking = status();
  try {
    return await reload();
  } finally {
    await asking;
  }
}

async function timed(what: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await what();
  return performance.now() - began;
}

/** The kernel has connected a client before the worker accepts it. */
async function seesAll({ status }: Server, connections: number): Promise<void> {
  const seen = async () => {
    const { workers } = await status();
    return workers.reduce((sum, worker) => sum + (worker.connections ?? 0), 0);
  };
  await eventually('a status that tells of all', seen, (count) => count === connections);
}
