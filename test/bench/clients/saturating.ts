// Clients that ask as soon as they are answered: what the server can do at most. Latencies of such a load
// say how long a queue the clients make, not what a user would wait.
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../../helpers/load/connection.js';
import type { Asker } from './asker.js';
import { now } from './clock.js';
import type { Client, Shape } from './load-spec.js';

/** After a connection that failed: else the clients of a server that is down would do nothing but fail. */
const AFTER_FAILURE_MS = 5;

export function startSaturating(asker: Asker, shape: Shape, clients: number): Client {
  let stopped = false;
  const running = Promise.all(Array.from({ length: clients }, (_, i) => drive(keeps(shape, i))));

  async function drive(keepAlive: boolean): Promise<void> {
    let kept: Connection | null = null;
    while (!stopped) {
      if (kept && !asker.stands(kept)) kept = null;
      const { failed, connection } = await asker.ask(now(), keepAlive, kept);
      kept = connection;
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

function keeps(shape: Shape, client: number): boolean {
  return shape === 'mix' ? client % 2 === 0 : shape === 'keep-alive';
}
