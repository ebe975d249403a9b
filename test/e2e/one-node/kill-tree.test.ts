// Whatever a worker leaves behind: after the limit nothing of it is there. How it is found, also without `ps`, is the matter
// of test/workers.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../helpers/eventually.js';
import { type Family, familiesOf, leftOf } from '../../helpers/processes/descendants.js';
import { startServing } from '../../helpers/serving.js';
import { isRunning } from '../../helpers/supervisor.js';
import { gone } from '../../helpers/wait-generation.js';

const LIMITS = ['--drain-timeout', '100ms', '--kill-timeout', '200ms'];

/** A worker that has started processes everywhere. With STUBBORN nobody in the family obeys SIGTERM. */
async function startFamily(t: TestContext, args: readonly string[] = [], env = {}) {
  const serving = await startServing(t, 'has-family.mjs', args, { env });
  return {
    ...serving,
    families: await familiesOf(t, serving.master, serving.status.workersWanted),
  };
}

/** What was killed takes a moment to die. */
async function areGone(families: readonly Family[], who?: readonly string[]): Promise<void> {
  await eventually(
    `${who ?? 'all'} of the family are gone`,
    () => families.flatMap(leftOf),
    (left) => !left.some((name) => who === undefined || who.includes(name)),
  );
}

/** Members of the process group of the worker. */
const GROUP = ['sameGroup', 'orphan'];

test('a worker that ignores SIGTERM is killed with all it started', async (t) => {
  const { master, pid, families } = await startFamily(t, LIMITS, { STUBBORN: '1' });
  assert.equal(families.flatMap(leftOf).length, 4, 'all are there before');
  master.signal('SIGHUP');
  await gone(master, pid);
  await areGone(families);
  const { msg } = await master.logged('killTimedOut');
  assert.match(msg, new RegExp(`pid ${pid}\\) did not exit after the stop signal`));
  await master.settled(2);
});

test('at a stop all families go after the limits, and at once after a second signal', async (t) => {
  for (const [args, signals] of [
    [['--workers', '2', ...LIMITS], 1],
    [[], 2],
  ] as const) {
    const { master, families } = await startFamily(t, args, { STUBBORN: '1' });
    master.signal('SIGINT');
    await master.logged('shutdownBegun');
    if (signals === 2) master.signal('SIGINT');
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
    await areGone(families);
  }
});

for (const signal of ['SIGHUP', 'SIGTERM'] as const) {
  test(`a worker that leaves by itself after ${signal} leaves nothing of its process group`, async (t) => {
    const { master, pid, families } = await startFamily(t);
    master.signal(signal);
    await gone(master, pid);
    assert.equal(isRunning(pid), false);
    await areGone(families, GROUP);
    assert.ok(!master.log().some(({ event = '' }) => event.endsWith('TimedOut')), 'not killed');
  });
}
