// A fleet in one line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeFleet } from '../../src/text/fleet-summary.js';
import { play } from '../helpers/transcript.js';

test('a fleet is summarized by what its generations do and how many workers are in each state', () => {
  const story: readonly [event: string, summary?: string][] = [
    ['0 clock', 'rolling out 1: 2 starting'],
    ['1 ready #1', 'rolling out 1: 1 ready, 1 starting'],
    ['1 ready #2', 'serving 1: 2 ready'],
    ['2 reload', 'serving 1: 2 ready | rolling out 2: 2 starting'],
    ['3 ready #3'],
    ['4 ready #4', 'serving 2: 2 ready | retiring 1: 2 draining'],
    ['5 exited #3', 'serving 2: 1 ready, 1 starting | retiring 1: 2 draining'],
    ['6 reload'],
    [
      '7 scale workers=1',
      'serving 2: 1 ready, 1 draining | rolling out 3: 1 starting, 1 draining | retiring 1: 2 draining',
    ],
    ['8 stop', 'retiring 1: 2 draining | retiring 2: 2 draining | retiring 3: 2 draining'],
    ['9 stop'],
    ['10 exited #1', 'retiring 1: 1 killing | retiring 2: 2 killing | retiring 3: 2 killing'],
  ];
  const script = story.map(([event]) => event);
  for (const [i, [event, summary]] of story.entries()) {
    if (summary === undefined) continue;
    const { fleet } = play(script.slice(0, i + 1), { size: 2 });
    assert.equal(summarizeFleet(fleet), summary, event);
  }
  assert.equal(summarizeFleet(play(['0 stop']).fleet), 'no worker');
});
