// The first promise: another process answers on the same address, and the old one is gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { startServing } from '../../helpers/serving.js';
import { isRunning, type LogLine } from '../../helpers/supervisor.js';

for (const signal of ['SIGHUP', 'SIGUSR2'] as const) {
  test(`${signal} replaces an unmodified server, after half a second in which both accept`, async (t) => {
    const { master, address, pid } = await startServing(t, 'answers-pid.mjs');
    assert.equal(await get(address), `${pid} 1`);

    master.signal(signal);
    const second = (event: string) => (line: LogLine) =>
      line.event === event && line.generation === 2;
    const { census } = await master.logged(second('ready'));
    assert.equal(census, 'serving 1: 1 ready | rolling out 2: 1 ready');
    const { durationMs = 0 } = await master.logged(second('rolledOut'));
    assert.ok(durationMs >= 500, `${durationMs} ms`);
    const after = await master.settled(2);

    assert.equal(addressOf(after), address, 'the same address, though the app asked for any port');
    assert.equal(await get(address), `${after.workers[0]?.pid} 2`);
    assert.equal(isRunning(pid), false);
    assert.deepEqual(after.reloads, { ok: 1, failed: 0 });

    master.signal('SIGTERM');
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
    await assert.rejects(get(address), { code: 'ECONNREFUSED' });
  });
}
