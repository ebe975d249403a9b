// Seeded random orders of events against the invariants. `SEED=<n>` plays one life again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action } from '../../src/core/fleet.js';
import { lineOf } from '../helpers/transcript.js';
import { World } from './world.js';

const STEPS = Number(process.env.STEPS ?? 1_000_000);
const LIFE = 400;

// A world in which something never happens proves nothing about it.
const common = {
  spawn: true,
  retire: true,
  signal: true,
  kill: true,
  rolledOut: true,
  rolledBack: true,
  abandoned: true,
  crashed: true,
  overdue: true,
  reply: true,
  stopping: true,
  stopped: true,
} satisfies Record<Action['type'], true>;

/** One life of a master: chaos, then calm. Answers how many steps it took. */
function live(seed: number, seen: Map<string, number>): number {
  const world = new World(seed);
  try {
    // After a stop a few more events come, and go unheard.
    for (let last = LIFE; world.steps < last; world.live()) {
      if (world.fleet.stopped) last = Math.min(last, world.steps + 5);
    }
    world.rest();
  } catch (error) {
    const lines = world.story.slice(-20).map(({ now, event, result }) => {
      return lineOf(now, event, result);
    });
    const { firstAlone, waitForChange, overlap, maxCrashes, watchdog, backoff } = world.policy;
    const { jitter } = backoff;
    const policy = JSON.stringify({
      firstAlone,
      waitForChange,
      overlap,
      maxCrashes,
      watchdog,
      jitter,
    });
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`SEED=${seed}: ${why}\npolicy ${policy}\n${lines.join('\n')}`);
  }
  for (const [what, times] of world.seen) seen.set(what, (seen.get(what) ?? 0) + times);
  return world.steps;
}

test('random orders of events', () => {
  const seen = new Map<string, number>();
  const given = process.env.SEED;
  if (given !== undefined) {
    live(Number(given), seen);
    return;
  }
  const first = Date.now() % 2 ** 31;
  let steps = 0;
  for (let seed = first; steps < STEPS; seed += 1) steps += live(seed, seen);
  for (const type of Object.keys(common)) {
    assert.ok((seen.get(type) ?? 0) > STEPS / 1000, `${type} was seen often`);
  }
});
