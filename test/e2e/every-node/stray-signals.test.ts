// Signals that are meant for the master and reach its workers as well.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { startServing, startServingCommand } from '../../helpers/serving.js';
import { startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

const PYTHON = ['--listen', '127.0.0.1:0', '--ready', 'notify', '--', 'python3'];
const rows: [string, string[]][] = [
  ['a Node worker', ['--', node, fixture('answers-pid.mjs')]],
  ['a worker in python', [...PYTHON, fixture('notifies.py'), 'READY=1']],
];

for (const [what, words] of rows) {
  test(`${what} survives HUP and USR2`, async (t) => {
    const { address, pid } = await startServingCommand(t, words);
    process.kill(pid, 'SIGHUP');
    process.kill(pid, 'SIGUSR2');
    assert.equal(await get(address), `${pid} 1`);
  });
}

test('HUP ends a worker when it is the stop signal', async (t) => {
  const args = ['--stop-signal', 'HUP', '--drain-timeout', '60s'];
  const { master } = await startServing(t, 'answers-pid.mjs', args);
  master.signal('SIGTERM');
  assert.equal((await master.exited()).status, 0);
  assert.ok(master.log().some((line) => /was killed by SIGHUP$/.test(line.msg)));
});

test('a worker that is hit while it starts is spawned once more, and its reload succeeds', async (t) => {
  const worker = ['--', 'python3', fixture('hit-while-starting.py')];
  const master = startSupervisor(t, ['--ready', 'notify', ...worker]);
  await served(master);
  const { status, stdout, stderr } = await master.client('reload');
  assert.deepEqual([status, stdout, stderr], [0, 'generation 2 serves\n', '']);
  // The signal was one for the master, too.
  const { reloads } = await master.settled(3);
  assert.deepEqual(reloads, { ok: 2, failed: 0 });
  assert.ok(master.log().some((line) => /SIGHUP, a signal for the master/.test(line.msg)));
});
