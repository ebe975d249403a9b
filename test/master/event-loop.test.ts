// The loop, with hands that only write down what they are told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, type Event, emptyFleet, type Policy } from '../../src/core/fleet.js';
import { createMaster, type Hands, type Observer } from '../../src/master/event-loop.js';
import { testPolicy } from '../helpers/transcript.js';

interface Rig {
  readonly story: string[];
  readonly errors: unknown[];
  at(now: number): void;
  tell(event: Event): void;
}

interface Plan {
  readonly perform?: (action: Action, tell: (event: Event) => void) => void;
  readonly observers?: readonly Observer[];
  readonly policy?: Policy;
}

const shown = (one: Action | Event) => ('worker' in one ? `${one.type} #${one.worker}` : one.type);

function rig({ perform, observers = [], policy = testPolicy }: Plan = {}): Rig {
  const story: string[] = [];
  const errors: unknown[] = [];
  let now = 0;
  const hands: Hands = {
    now: () => now,
    wakeAt: (deadline) => void story.push(`wake ${deadline}`),
    perform(action, fleet) {
      const workers = fleet.workers.map((one) => `#${one.id}${one.state}`).join(' ');
      story.push(`do ${shown(action)} [${workers}]`);
      perform?.(action, master.tell);
    },
  };
  const writes: Observer = ({ event, actions }) => {
    story.push(`${shown(event)} -> ${actions.map(shown).join(', ') || '-'}`);
  };
  const master = createMaster(emptyFleet(1), policy, hands, [writes, ...observers], (error) =>
    errors.push(error),
  );
  return {
    story,
    errors,
    tell: master.tell,
    at(time) {
      now = time;
    },
  };
}

const clock: Event = { type: 'clock' };
const ready = (worker: number): Event => ({ type: 'ready', worker });

test('each event is one turn: told first, then done, then the clock is set', () => {
  const { story, tell, at } = rig();
  tell(clock);
  at(10);
  tell(ready(1));
  tell({ type: 'reload' });
  assert.deepEqual(story, [
    'clock -> spawn #1',
    'do spawn #1 [#1starting]',
    'wake 100',
    'ready #1 -> rolledOut',
    'do rolledOut [#1ready]',
    'wake null',
    'reload -> spawn #2',
    'do spawn #2 [#1ready #2starting]',
    'wake 110',
  ]);
});

test('what is told from within a turn waits for its end, and the clock for the last of them', () => {
  const perform: Plan['perform'] = (action, tell) => {
    if (action.type !== 'spawn') return;
    tell({ type: 'spawned', worker: action.worker, pid: 70 + action.worker });
    tell(ready(action.worker));
  };
  const { story, tell } = rig({ perform });
  tell(clock);
  story.length = 0;
  tell({ type: 'reload' });
  assert.deepEqual(story, [
    'reload -> spawn #2',
    'do spawn #2 [#1ready #2starting]',
    'spawned #2 -> -',
    'ready #2 -> rolledOut, retire #1',
    'do rolledOut [#1draining #2ready]',
    'do retire #1 [#1draining #2ready]',
    'wake 50',
  ]);
});

test('an observer sees the whole turn, also the one it causes', () => {
  const seen: string[] = [];
  let told = false;
  const observer: Observer = ({ event, at, before, after }) => {
    seen.push(`${at} ${event.type} ${before.workers.length}>${after.workers.length}`);
    if (told) return;
    told = true;
    tell({ type: 'scale', size: 2 });
  };
  const { story, tell, at } = rig({ observers: [observer] });
  at(5);
  tell(clock);
  assert.deepEqual(seen, ['5 clock 0>1', '5 scale 1>2']);
  assert.ok(story.indexOf('do spawn #1 [#1starting]') < story.indexOf('scale -> spawn #2'));
});

test('a hand or an observer that throws is reported, and all others do their part', () => {
  const bug = new Error('a bug');
  const fails = () => {
    throw bug;
  };
  const after: string[] = [];
  const perform: Plan['perform'] = (action) => action.type !== 'spawn' && fails();
  const { story, errors, tell } = rig({
    perform,
    observers: [fails, ({ event }) => void after.push(event.type)],
  });
  tell(clock);
  tell(ready(1));
  tell({ type: 'reload' });
  tell(ready(2));
  assert.deepEqual(after, ['clock', 'ready', 'reload', 'ready']);
  assert.deepEqual(story.slice(-4), [
    'ready #2 -> rolledOut, retire #1',
    'do rolledOut [#1draining #2ready]',
    'do retire #1 [#1draining #2ready]',
    'wake 50',
  ]);
  // One for each turn, and one for each action but the two spawns.
  assert.deepEqual(errors, Array(4 + 3).fill(bug));
});

test('the fleet is the one after the last event', () => {
  const done: Action[] = [];
  const hands = { now: () => 0, wakeAt() {}, perform: (action: Action) => void done.push(action) };
  const master = createMaster(emptyFleet(3), testPolicy, hands, [], (error) =>
    assert.fail(String(error)),
  );
  assert.deepEqual(master.fleet(), emptyFleet(3));
  master.tell(clock);
  assert.deepEqual([master.fleet().workers.length, done.length], [3, 3]);
});
