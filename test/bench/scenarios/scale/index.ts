// How graceful-run itself grows: with workers, with sockets, with connections.
import { freemem } from 'node:os';
import type { Report } from '../../report/report.js';
import type { Context, Scenario } from '../scenario.js';
import { growthTable, reloadTimes } from './growth.js';
import { mostConnections } from './holder.js';
import { statusRounds } from './status.js';
import { statusBudgets, statusTable } from './status-table.js';

/** Of a worker of the app, with room to spare. During a reload there are twice as many. */
const WORKER_BYTES = 60e6;

const FULL = {
  workers: new Map([
    [1, 9],
    [4, 9],
    [16, 5],
    [64, 3],
  ]),
  sockets: new Map([
    [1, 9],
    [16, 9],
    [128, 9],
  ]),
  connections: { counts: [0, 1000, 10_000], rounds: 7 },
};
const QUICK = {
  workers: new Map([
    [1, 2],
    [4, 2],
  ]),
  sockets: new Map([
    [1, 2],
    [16, 2],
  ]),
  connections: { counts: [0, 500], rounds: 2 },
};

export const scale: Scenario = {
  name: 'scale',
  about: 'reload with more workers and sockets, status with more connections; graceful-run alone',
  async run({ quick, say }: Context): Promise<Report> {
    const { workers, sockets, connections } = quick ? QUICK : FULL;
    const byWorkers = new Map<number, number[]>();
    const leftOut: number[] = [];
    for (const [count, rounds] of workers) {
      if (count * 2 * WORKER_BYTES > freemem()) {
        say(`not enough memory for ${count} workers`);
        leftOut.push(count);
        continue;
      }
      say(`reload of ${count} workers`);
      byWorkers.set(count, await reloadTimes({ workers: count, sockets: 1 }, rounds));
    }
    const bySockets = new Map<number, number[]>();
    for (const [count, rounds] of sockets) {
      say(`reload with ${count} sockets`);
      bySockets.set(count, await reloadTimes({ workers: 1, sockets: count }, rounds));
    }
    const most = mostConnections();
    const counts = [...new Set(connections.counts.map((count) => Math.min(count, most)))];
    say(`status with ${counts.join(', ')} connections`);
    const statuses = await statusRounds(counts, connections.rounds);
    return {
      tables: [
        growthTable('worker', byWorkers, WORKERS_NOTE + leftOut.map(LEFT_OUT).join('')),
        growthTable('socket', bySockets, SOCKETS_NOTE),
        statusTable(statuses),
      ],
      budgets: statusBudgets(statuses),
    };
  },
};

const WORKERS_NOTE =
  'From the request on the control socket to the word that the new generation serves, with all its workers. ' +
  'Each of them is a Node that boots, so that the time goes with the workers by core.';
const LEFT_OUT = (workers: number) => ` Left out for want of memory: ${workers} workers.`;
const SOCKETS_NOTE =
  'The same with one worker, which serves all sockets; each of them answered after each reload.';
