// Signals that are meant for the master and reach its workers as well.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

const rows: [string, string[]][] = [
  ['a Node worker', ['--', node, fixture('answers-pid.mjs')]],
  [
    'a worker in python',
    [
      ...['--listen', '127.0.0.1:0', '--ready', 'notify', '--'],
      ...['python3', fixture('notifies.py'), 'READY=1'],
    ],
  ],
];

for (const [what, args] of rows) {
  test(`${what} survives HUP and USR2`, async (t) => {
    const master = startSupervisor(t, args);
    const status = await served(master);
    const pid = status.workers[0]?.pid ?? 0;
    process.kill(pid, 'SIGHUP');
    process.kill(pid, 'SIGUSR2');
    assert.match(await get(addressOf(status)), new RegExp(`^${pid} 1$`));
  });
}

test('but the stop signal it gets, if that is what HUP is', async (t) => {
  const args = ['--stop-signal', 'HUP', '--drain-timeout', '60s', ...(rows[0]?.[1] ?? [])];
  const master = startSupervisor(t, args);
  await served(master);
  master.signal('SIGTERM');
  assert.equal((await master.exited()).status, 0);
  assert.ok(master.log().some((line) => /was killed by SIGHUP$/.test(line.msg)));
});

test('a worker that is hit while it starts is spawned once more, and its reload succeeds', async (t) => {
  const worker = ['--', 'python3', fixture('hit-while-starting.py')];
  const master = startSupervisor(t, ['--ready', 'notify', ...worker]);
  await served(master);
  const { status, stdout, stderr } = await master.client('reload');
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.equal(stdout, 'generation 2 serves\n');
  // The signal was one for the master, too.
  const { reloads } = await master.settled(3);
  assert.deepEqual(reloads, { ok: 2, failed: 0 });
  assert.ok(master.log().some((line) => /SIGHUP, a signal for the master/.test(line.msg)));
});
