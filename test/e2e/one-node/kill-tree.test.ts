// Whatever a worker leaves behind: after the limit nothing of it is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { barePath } from '../../helpers/processes/bare-path.js';
import { type Family, familiesOf, leftOf } from '../../helpers/processes/descendants.js';
import { isRunning, startSupervisor } from '../../helpers/supervisor.js';
import { gone, pidOf, served } from '../../helpers/wait-generation.js';

const limits = ['--drain-timeout', '100ms', '--kill-timeout', '200ms'];
const hasFamily = [...limits, '--', node, fixture('has-family.mjs')];

for (const [place, hidden] of [
  ['with ps', false],
  ['without ps', true],
] as const) {
  test(`a worker that ignores SIGTERM is killed with all it started, ${place}`, async (t) => {
    const env = { STUBBORN: '1', ...(hidden && barePath(t)) };
    const master = startSupervisor(t, hasFamily, { env });
    await served(master);
    const [family] = await familiesOf(t, master);
    assert.ok(family);
    assert.equal(leftOf(family).length, 4, 'all are there before');
    const worker = await pidOf(master, 1);

    master.signal('SIGHUP');
    await gone(master, worker);
    await extinct(family);
    const { msg } = await master.logged((line) => line.event === 'killTimedOut');
    assert.match(msg, new RegExp(`pid ${worker}\\) did not exit after the stop signal`));
    await master.settled(2);
  });
}

test('at the stop the whole family goes', async (t) => {
  const env = { STUBBORN: '1' };
  const master = startSupervisor(t, ['--workers', '2', ...hasFamily], { env });
  await served(master);
  const families = await familiesOf(t, master, 2);
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  for (const family of families) await extinct(family);
});

test('a second stop signal spares nobody either', async (t) => {
  const env = { STUBBORN: '1' };
  const master = startSupervisor(t, ['--', node, fixture('has-family.mjs')], { env });
  await served(master);
  const [family] = await familiesOf(t, master);
  master.signal('SIGINT');
  await master.logged('shutdownBegun');
  master.signal('SIGINT');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  assert.ok(family);
  await extinct(family);
});

test('a worker that leaves by itself leaves nothing of its process group', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('has-family.mjs')]);
  await served(master);
  const [family] = await familiesOf(t, master);
  const worker = await pidOf(master, 1);
  master.signal('SIGHUP');
  await gone(master, worker);
  assert.equal(isRunning(worker), false);
  await eventually(
    'the group is gone',
    () => family && leftOf(family),
    (left) => !left?.includes('sameGroup') && !left?.includes('orphan'),
  );
  assert.equal(
    master.log().some((line) => line.event === 'drainTimedOut' || line.event === 'killTimedOut'),
    false,
    'it had not to be killed',
  );
});

test('the same at the stop: the group goes with the master', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('has-family.mjs')]);
  await served(master);
  const [family] = await familiesOf(t, master);
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  await eventually(
    'the group is gone',
    () => family && leftOf(family),
    (left) => !left?.includes('sameGroup') && !left?.includes('orphan'),
  );
});

test('a worker killed from outside: its group is gone before the replacement is ready', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('has-family.mjs')]);
  await served(master);
  const [family] = await familiesOf(t, master);
  process.kill(await pidOf(master, 1), 'SIGKILL');
  await master.logged('workerCrashed');
  await familiesOf(t, master, 2);
  await eventually(
    'the group is gone',
    () => family && leftOf(family),
    (left) => !left?.includes('sameGroup') && !left?.includes('orphan'),
  );
});

/** What was killed takes a moment to die. */
async function extinct(family: Family): Promise<void> {
  await eventually(
    'nothing is left',
    () => leftOf(family),
    (left) => left.length === 0,
  );
}
