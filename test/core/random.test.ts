// Random lives of a master against the invariants. SEED=<n> plays one life again, STEPS=<n> more of them, and
// SHRINK=no leaves out the search for the shortest story of a failure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MasterCommand, Notice } from '../../src/core/commands.js';
import { shrink, transcriptOf, violationIn } from './recording.js';
import type { Recording } from './steps.js';
import { World } from './world.js';

const STEPS = Number(process.env.STEPS ?? 30_000);
const FIRST_SEED = 1;
const LIFE = 400;

/** A world in which something never happens proves nothing about it. */
const expected = {
  spawn: true,
  retire: true,
  signal: true,
  kill: true,
  reply: true,
  exit: true,
  giveUpSocket: true,
  closeSockets: true,
  rolledOut: true,
  rolledBack: true,
  rolloutAbandoned: true,
  workerCrashed: true,
  startedAgain: true,
  replacing: true,
  drainTimedOut: true,
  drainCutShort: true,
  killTimedOut: true,
  shutdownBegun: true,
  shutdownDone: true,
} satisfies Record<MasterCommand['type'] | Notice['type'], true>;

/** One life of a master: chaos, then calm, then the end. */
function live(seed: number, seen: Map<string, number>): number {
  const world = new World(seed);
  try {
    // After a stop a few more events come, and change nothing.
    for (let last = LIFE; world.steps < last; world.live()) {
      if (world.state.fleet.lifecycle.state === 'stopped') last = Math.min(last, world.steps + 5);
    }
    world.rest();
    world.tell({ type: 'stop', request: 1_000_000 });
    // Half of the apps do not hear that they are to stop.
    world.rest(seed % 2 === 0);
  } catch (error) {
    throw new Error(`SEED=${seed}: ${String(error)}\n${storyOf(world.recording)}`);
  }
  for (const [what, times] of world.seen) seen.set(what, (seen.get(what) ?? 0) + times);
  return world.steps;
}

/** As a story of the tests can be written: the shortest one that breaks the same rule. */
function storyOf(recording: Recording): string {
  const isAsItIs = process.env.SHRINK === 'no' || violationIn(recording) === null;
  const [heading, ...lines] = transcriptOf(isAsItIs ? recording : shrink(recording));
  return [heading, ...lines.slice(-60)].join('\n');
}

test('random orders of events break no invariant', () => {
  const seen = new Map<string, number>();
  const given = process.env.SEED;
  const first = given === undefined ? FIRST_SEED : Number(given);
  const wanted = given === undefined || process.env.STEPS ? STEPS : 1;
  let steps = 0;
  for (let seed = first; steps < wanted; seed += 1) steps += live(seed, seen);
  if (wanted < STEPS) return;
  for (const type of Object.keys(expected)) {
    assert.ok((seen.get(type) ?? 0) > STEPS / 10_000, `${type} was seen often`);
  }
});
