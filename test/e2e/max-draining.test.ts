// --max-draining: more old generations than allowed do not pile up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf } from '../helpers/client.js';
import { fixture, node } from '../helpers/paths.js';
import { converse } from '../helpers/raw-http-client.js';
import { startSupervisor } from '../helpers/supervisor.js';
import { gone, pidOf, served } from '../helpers/wait-generation.js';

test('the oldest of too many draining generations gets its stop signal early', async (t) => {
  const limits = ['--max-draining', '1', '--drain-timeout', '5m', '--kill-timeout', '5m'];
  const master = startSupervisor(t, [...limits, '--', node, fixture('echoes.mjs')]);
  const address = addressOf(await served(master));
  const pids: number[] = [];
  for (let generation = 1; generation <= 2; generation += 1) {
    pids.push(await pidOf(master, generation));
    // It keeps its worker alive for as long as that may drain.
    const client = await converse(t, address);
    client.say('one');
    await client.until('one');
    master.signal('SIGHUP');
    await served(master, generation + 1);
  }
  const { msg, generation, limit } = await master.logged('drainCutShort');
  assert.deepEqual([generation, limit], [1, 1], msg);
  const [first = 0, second = 0] = pids;
  await gone(master, first);
  const { workers } = await master.status();
  assert.deepEqual(
    workers.map(({ pid, state }) => [pid === second, state]),
    [
      [true, 'draining'],
      [false, 'ready'],
    ],
  );
});
