// A fleet in one line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeFleet } from '../../src/text/fleet-summary.js';
import { play } from '../helpers/transcript.js';

const script = [
  '0 clock',
  '1 ready #1',
  '1 ready #2',
  '2 reload',
  '3 ready #3',
  '4 ready #4',
  '5 exited #3',
  '6 reload',
  '7 scale workers=1',
  '8 stop',
  '9 stop',
  '10 exited #1',
];

const counts: readonly [after: string, summary: string][] = [
  ['0 clock', 'rolling out 1: 2 starting'],
  ['1 ready #1', 'rolling out 1: 1 ready, 1 starting'],
  ['1 ready #2', 'serving 1: 2 ready'],
  ['2 reload', 'serving 1: 2 ready | rolling out 2: 2 starting'],
  ['4 ready #4', 'serving 2: 2 ready | retiring 1: 2 draining'],
  ['5 exited #3', 'serving 2: 1 ready, 1 starting | retiring 1: 2 draining'],
  [
    '6 reload',
    'serving 2: 1 ready, 1 starting | rolling out 3: 2 starting | retiring 1: 2 draining',
  ],
  [
    '7 scale workers=1',
    'serving 2: 1 ready, 1 draining | rolling out 3: 1 starting, 1 draining | retiring 1: 2 draining',
  ],
  ['8 stop', 'retiring 1: 2 draining | retiring 2: 2 draining | retiring 3: 2 draining'],
  ['9 stop', 'retiring 1: 2 killing | retiring 2: 2 killing | retiring 3: 2 killing'],
  ['10 exited #1', 'retiring 1: 1 killing | retiring 2: 2 killing | retiring 3: 2 killing'],
];

for (const [after, expected] of counts) {
  test(`the summary after ${after}`, () => {
    const { fleet } = play(script.slice(0, script.indexOf(after) + 1), { size: 2 });
    assert.equal(summarizeFleet(fleet), expected);
  });
}

test('the summary of a fleet without workers', () => {
  assert.equal(summarizeFleet(play(['0 stop']).fleet), 'no worker');
});
