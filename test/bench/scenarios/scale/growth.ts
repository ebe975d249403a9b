// How the time of a reload grows with workers and with sockets.

import type { Cell, Table } from '../../report/report.js';
import { summarize } from '../../statistics.js';
import { spread as figure } from '../figures.js';
import { answersEverywhere, type Shape, startServer } from './server.js';

/** Milliseconds that reloads of such a server took, one after the other. */
export async function reloadTimes(shape: Shape, rounds: number): Promise<number[]> {
  const server = await startServer(shape);
  try {
    const times: number[] = [];
    await server.settled();
    for (let round = 0; round < rounds; round += 1) {
      times.push(await server.reload());
      const status = await server.settled();
      if (status.sockets.length !== shape.sockets) throw new Error('a socket is missing');
      await answersEverywhere(status);
    }
    return times;
  } finally {
    await server.stop();
  }
}

/** `times`: of each count of workers, say, what the reloads took. */
export function growthTable(
  what: string,
  times: ReadonlyMap<number, readonly number[]>,
  note: string,
): Table {
  const [first] = [...times].map(([count, ms]) => ({ count, median: summarize(ms).median }));
  return {
    title: `Reload with more ${what}s`,
    columns: [`${what}s`, 'ms', `ms per further ${what}`, 'rounds'],
    rows: [...times].map(([count, ms]): Cell[] => {
      const further = count - (first?.count ?? 0);
      const growth = (summarize(ms).median - (first?.median ?? 0)) / further;
      return [
        String(count),
        figure(ms, 1),
        further > 0 ? { median: growth, digits: 2 } : null,
        { median: ms.length },
      ];
    }),
    note,
  };
}
