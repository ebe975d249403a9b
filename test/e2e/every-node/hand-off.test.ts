// The first promise: another process answers on the same address, and the old one is gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { isRunning, startSupervisor } from '../../helpers/supervisor.js';

for (const signal of ['SIGHUP', 'SIGUSR2'] as const) {
  test(`${signal} replaces an unmodified server`, async (t) => {
    const master = startSupervisor(t, ['--', node, fixture('answers-pid.mjs')]);
    const before = await master.settled(1);
    const address = addressOf(before);
    assert.equal(await get(address), `${before.workers[0]?.pid} 1`);

    master.signal(signal);
    const after = await master.settled(2);

    assert.equal(addressOf(after), address, 'the same address, though the app asked for any port');
    assert.equal(await get(address), `${after.workers[0]?.pid} 2`);
    assert.equal(isRunning(before.workers[0]?.pid ?? 0), false);
    assert.deepEqual(after.reloads, { ok: 1, failed: 0 });

    master.signal('SIGTERM');
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
    await assert.rejects(get(address), { code: 'ECONNREFUSED' });
  });
}
