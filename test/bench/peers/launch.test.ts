import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../helpers/eventually.js';
import { markedWith } from '../proc/processes.js';
import { runIn } from './launch.js';
import { makePlace } from './place.js';

const LONG_MS = 20_000;

function placeOf(t: TestContext) {
  const place = makePlace({});
  t.after(() => place.clear());
  return place;
}

async function timed(t: TestContext, script: string, limitMs: number) {
  const place = placeOf(t);
  const began = performance.now();
  const outcome = await runIn(place, ['sh', '-c', script], limitMs);
  const tookMs = performance.now() - began;
  assert.ok(tookMs < LONG_MS / 2, `${tookMs} ms`);
  return { outcome, left: () => markedWith(`BENCH_PLACE=${place.env.BENCH_PLACE}`) };
}

test('a command that does not end is ended at its limit, with what it has started', async (t) => {
  const { outcome, left } = await timed(t, 'sleep 30 & sleep 30', 100);
  assert.deepEqual(outcome, { status: null, timedOut: true });
  await eventually('nobody left', left, (pids) => pids.length === 0);
});

test('a command has ended when it has, whoever holds its output', async (t) => {
  const { outcome, left } = await timed(t, 'setsid sleep 30 & exit 3', LONG_MS);
  assert.deepEqual(outcome, { status: 3 });
  assert.equal(left().length, 1);
});
