// Workers that die by themselves: they are replaced, and a roll out that is under way is not disturbed.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { isRunning, type Supervisor, scratch, startSupervisor } from '../../helpers/supervisor.js';
import { pidOf, served } from '../../helpers/wait-generation.js';

const answersPid = ['--', node, fixture('answers-pid.mjs')];

test('an old worker killed during a roll out is replaced, and the roll out goes on', async (t) => {
  const cwd = scratch(t);
  const write = (name: string, text = '') => writeFileSync(join(cwd, name), text);
  write('version', 'one');
  write('go-1');
  const master = startSupervisor(t, ['--', node, fixture('waits-for-go.mjs')], { cwd });
  const address = addressOf(await served(master));
  const first = await pidOf(master, 1);
  write('version', 'two');
  master.signal('SIGHUP');
  await pidOf(master, 2);

  process.kill(first, 'SIGKILL');
  await master.logged((line) => line.event === 'workerCrashed' && line.workerPid === first);
  assert.equal(await get(address), '1 two', 'the queue of the socket waited for the replacement');
  const { workers, generation } = await master.status();
  assert.equal(generation, 1);
  assert.deepEqual(workers.map((one) => `${one.generation} ${one.state}`).sort(), [
    '1 ready',
    '2 starting',
  ]);

  write('go-2');
  const { reloads } = await master.settled(2);
  assert.deepEqual(reloads, { ok: 1, failed: 0 });
  assert.equal(await get(address), '2 two');
});

test('a new worker killed before it has taken over is rolled back; nobody is refused', async (t) => {
  const master = startSupervisor(t, answersPid);
  const address = addressOf(await served(master));
  const first = await pidOf(master, 1);
  master.signal('SIGHUP');
  const { workerPid = 0 } = await master.logged(
    (line) => line.event === 'ready' && line.generation === 2,
  );
  process.kill(workerPid, 'SIGKILL');
  const { reason } = await master.logged('rolledBack');
  assert.equal(reason, `worker 1 of generation 2 (pid ${workerPid}) was killed by SIGKILL`);

  assert.equal(await get(address), `${first} 1`);
  const { reloads } = await master.settled(1);
  assert.deepEqual(reloads, { ok: 0, failed: 1 });
});

test('a new worker killed as soon as it has taken over is replaced; nobody is refused', async (t) => {
  const master = startSupervisor(t, answersPid);
  const address = addressOf(await served(master));
  master.signal('SIGHUP');
  await master.logged((line) => line.event === 'rolledOut' && line.generation === 2);
  const workerPid = await pidOf(master, 2);
  process.kill(workerPid, 'SIGKILL');
  await master.logged((line) => line.event === 'workerCrashed' && line.workerPid === workerPid);

  assert.match(await get(address), /^\d+ [12]$/);
  const { workers, reloads } = await master.settled(2);
  assert.notEqual(workers[0]?.pid, workerPid);
  assert.deepEqual(reloads, { ok: 1, failed: 0 });
  assert.equal(await get(address), `${workers[0]?.pid} 2`);
});

test('a worker that crashes again and again is replaced at once, then after growing waits', async (t) => {
  const master = startSupervisor(t, ['--log-level', 'debug', ...answersPid]);
  const address = addressOf(await served(master));
  let pid = await pidOf(master, 1);
  for (let crashes = 1; crashes <= 5; crashes += 1) {
    const length = master.log().length;
    process.kill(pid, 'SIGKILL');
    assert.match((await master.logged('workerCrashed', length)).msg, /was killed by SIGKILL/);
    pid = (await master.logged('ready', length)).workerPid ?? 0;
  }
  const waits = [1, 2, 3, 4, 5].map((id) => {
    const spawned = new RegExp(`^(\\d+) .* -> .*spawn #${id + 1}(,|$)`);
    const exited = new RegExp(`^(\\d+) exited #${id} -> `);
    return timeOf(master, spawned) - timeOf(master, exited);
  });
  // 0, 100, 200, 400, 800 ms, each shorter by a fifth at most.
  const least = [0, 80, 160, 320, 640];
  assert.deepEqual(
    waits.map((wait, i) => wait >= (least[i] ?? 0)),
    [true, true, true, true, true],
    `waits: ${waits}`,
  );
  assert.equal(waits[0], 0);
  assert.equal(await get(address), `${pid} 1`);
});

test('a stop while a crashed worker waits for its replacement starts nothing', async (t) => {
  const master = startSupervisor(t, answersPid);
  const address = addressOf(await served(master));
  let pid = await pidOf(master, 1);
  for (let crashes = 1; crashes <= 4; crashes += 1) {
    const length = master.log().length;
    process.kill(pid, 'SIGKILL');
    await master.logged('workerCrashed', length);
    if (crashes === 4) break;
    pid = (await master.logged('ready', length)).workerPid ?? 0;
  }
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  assert.equal(isRunning(pid), false);
  assert.equal(master.log().filter((line) => line.event === 'spawned').length, 4);
  await assert.rejects(get(address), { code: 'ECONNREFUSED' });
});

/** By the master's own clock, which each debug line begins with. */
function timeOf(master: Supervisor, step: RegExp): number {
  const times = master.log().flatMap(({ msg }) => step.exec(msg)?.[1] ?? []);
  assert.equal(times.length, 1, String(step));
  return Number(times[0]);
}
