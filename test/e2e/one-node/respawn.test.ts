// Workers that die by themselves are replaced, again and again, until a stop.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../../helpers/client.js';
import { startServing } from '../../helpers/serving.js';
import { isRunning, type Supervisor } from '../../helpers/supervisor.js';

test('a worker that crashes again and again is replaced at once, then after growing waits; a stop ends the wait', async (t) => {
  const { master, address, ...first } = await startServing(t, 'answers-pid.mjs', [
    ...['--log-level', 'debug'],
  ]);
  let { pid } = first;
  const crash = async () => {
    const length = master.log().length;
    process.kill(pid, 'SIGKILL');
    assert.match((await master.logged('workerCrashed', length)).msg, /was killed by SIGKILL/);
    return length;
  };
  for (let crashes = 1; crashes <= 5; crashes += 1) {
    pid = (await master.logged('ready', await crash())).workerPid ?? 0;
  }
  const waits = [1, 2, 3, 4, 5].map((id) => {
    const spawned = new RegExp(`^(\\d+) .* -> .*spawn #${id + 1}(,|$)`);
    const exited = new RegExp(`^(\\d+) exited #${id} -> `);
    return timeOf(master, spawned) - timeOf(master, exited);
  });
  // 0, 100, 200, 400, 800 ms, each shorter by a fifth at most.
  const least = [0, 80, 160, 320, 640];
  assert.ok(
    waits.every((wait, i) => wait >= (least[i] ?? 0)),
    `waits: ${waits}`,
  );
  assert.equal(waits[0], 0);
  assert.equal(await get(address), `${pid} 1`);

  await crash();
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  assert.equal(isRunning(pid), false);
  assert.equal(master.log().filter((line) => line.event === 'spawned').length, 6);
  await assert.rejects(get(address), { code: 'ECONNREFUSED' });
});

/** By the master's own clock, which each debug line begins with. */
function timeOf(master: Supervisor, step: RegExp): number {
  const times = master.log().flatMap(({ msg }) => step.exec(msg)?.[1] ?? []);
  assert.equal(times.length, 1, String(step));
  return Number(times[0]);
}
