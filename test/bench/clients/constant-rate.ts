// Sends at a constant rate, whatever the answers do, and measures from the time at which each request was
// to be sent. A client that waits for an answer before it asks again asks least while the server is slowest,
// and leaves out just the requests that would have waited: "coordinated omission", Gil Tene,
// https://github.com/giltene/wrk2. So what this client itself is late counts in the latency.
import { setImmediate as arrivals, setTimeout as pause } from 'node:timers/promises';
import type { Asker } from './asker.js';
import { now } from './clock.js';
import { Lane } from './lane.js';
import { type Client, keeps, type Shape } from './load-spec.js';

/** A timer of Node is not finer. A busy loop would take a processor from the server. */
const TICK_MS = 1;

export function startConstantRate(asker: Asker, shape: Shape, rate: number): Client {
  const lanes = { kept: new Lane(asker, true), each: new Lane(asker, false) };
  const laneOf = (nth: number): Lane => (keeps(shape, nth) ? lanes.kept : lanes.each);
  let stopped = false;
  const running = run();

  async function run(): Promise<void> {
    const began = now();
    const intervalMs = 1000 / rate;
    for (let nth = 0; ; ) {
      await pause(TICK_MS);
      // A client that was late reads first: else it would ask on connections that were closed long ago.
      await arrivals();
      const at = now();
      for (; !stopped && began + nth * intervalMs <= at; nth += 1) {
        laneOf(nth).add(began + nth * intervalMs);
      }
      // Those that wait in vain end by their time.
      for (const lane of Object.values(lanes)) lane.serve();
      if (stopped && lanes.kept.pending + lanes.each.pending === 0) break;
    }
    for (const lane of Object.values(lanes)) lane.close();
  }

  return {
    stop() {
      stopped = true;
      return running;
    },
  };
}
