// Clients that ask as soon as they are answered: as much as this one process can get out of the server. Where it
// is at the end of its own core, that is less than the server could do. Latencies of such a load say how long a
// queue the clients make, not what a user would wait.
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../../helpers/load/connection.js';
import type { Asker } from './asker.js';
import { now } from './clock.js';
import { type Client, keeps, type Shape } from './load-spec.js';

/** After a connection that failed: else the clients of a server that is down would do nothing but fail. */
const AFTER_FAILURE_MS = 5;

export function startSaturating(asker: Asker, shape: Shape, clients: number): Client {
  let stopped = false;
  const running = Promise.all(Array.from({ length: clients }, drive));

  async function drive(): Promise<void> {
    let kept: Connection | null = null;
    for (let nth = 0; !stopped; nth += 1) {
      const keepAlive = keeps(shape, nth);
      if (kept && !asker.stands(kept)) kept = null;
      const { failed, connection } = await asker.ask(now(), keepAlive, keepAlive ? kept : null);
      if (keepAlive) kept = connection;
      if (failed) await pause(AFTER_FAILURE_MS);
    }
    kept?.close();
  }

  return {
    async stop() {
      stopped = true;
      await running;
    },
  };
}
