// A worker that the kernel kills for memory does not stop the unit. systemd learns of such a death only from
// cgroup v2, and hosts of these tests may keep memory in v1, where a machine cannot set a limit: so the host puts
// the worker under one. The kill is the kernel's own; whether OOMPolicy=continue is what it takes is seen on v2.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { isRunning } from '../helpers/supervisor.js';
import { ask } from './ask.js';
import { bootMachine } from './machine.js';
import { innerPid } from './processes.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();
const HIERARCHY = '/sys/fs/cgroup/memory';
const LIMIT_BYTES = 200 * 1024 * 1024;

test('a worker killed for memory is replaced, and the unit goes on', async (t) => {
  if (!existsSync(`${HIERARCHY}/memory.limit_in_bytes`))
    return t.skip('this host has no memory controller in cgroup v1');
  const app = await installApp(t, machine, 'hungry', {
    port: 8951,
    app: 'eats-memory.mjs',
    options: '--workers 2',
  });
  await machine.ok('systemctl', 'start', app.unit);
  const before = await app.status();
  const pids = before.workers.map(({ pid }) => pid);
  const workers = app.processes().filter((pid) => pids.includes(innerPid(pid)));
  assert.equal(workers.length, 2);
  const [first = 0] = workers;
  const limited = limitMemory(t, first);
  // Whoever of the two gets it: only one has a limit.
  await eventually(
    'the worker with the limit is gone',
    async () => {
      await ask(machine, `127.0.0.1:${app.port}`, `/eat/${innerPid(first)}`).catch(() => {});
      return isRunning(first);
    },
    (alive) => !alive,
  );
  assert.match(readFileSync(join(limited, 'memory.oom_control'), 'utf8'), /^oom_kill 1$/m);
  const after = await eventually(
    'another one is in its place',
    () => app.status(),
    (status) =>
      status.workers.length === 2 && status.workers.every(({ state }) => state === 'ready'),
  );
  assert.equal(after.pid, before.pid, 'the same master');
  const { ActiveState, NRestarts } = await machine.show(app.unit, 'ActiveState', 'NRestarts');
  assert.deepEqual([ActiveState, NRestarts], ['active', '0']);
});

/** Returns the folder of the limit. */
function limitMemory(t: TestContext, pid: number): string {
  const group = join(HIERARCHY, `graceful-run-test-${process.pid}`);
  mkdirSync(group);
  t.after(() =>
    eventually('nobody is in it', () => {
      rmdirSync(group);
      return true;
    }),
  );
  writeFileSync(join(group, 'memory.limit_in_bytes'), String(LIMIT_BYTES));
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
  return group;
}
