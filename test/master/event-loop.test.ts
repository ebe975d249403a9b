// The loop, with effects that only write down what they are told.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MasterCommand } from '../../src/core/commands.js';
import type { MasterEvent } from '../../src/core/events.js';
import { initialSockets } from '../../src/core/sockets.js';
import { createEventLoop, type Observer } from '../../src/master/event-loop.js';
import { clock, ready } from '../helpers/life.js';
import { testPolicy } from '../helpers/transcript.js';

type Run = (command: MasterCommand, dispatch: (event: MasterEvent) => void) => void;

const shown = (one: MasterCommand | MasterEvent) =>
  'worker' in one ? `${one.type} #${one.worker}` : one.type;

function start({ run, observers = [] }: { run?: Run; observers?: readonly Observer[] } = {}) {
  const story: string[] = [];
  const errors: unknown[] = [];
  const time = { now: 0 };
  const loop = createEventLoop(1, (error) => errors.push(error));
  const writes: Observer = ({ event, commands, notices }) => {
    const effects = [...notices.map(({ type }) => type), ...commands.map(shown)];
    story.push(`${shown(event)} -> ${effects.join(', ') || '-'}`);
  };
  loop.start(
    initialSockets([]),
    testPolicy,
    {
      now: () => time.now,
      wakeAt: (at) => void story.push(`wake ${at}`),
      run(command, fleet) {
        const workers = fleet.workers.map((one) => `#${one.id}${one.state}`).join(' ');
        story.push(`run ${shown(command)} [${workers}]`);
        run?.(command, loop.dispatch);
      },
    },
    [writes, ...observers],
  );
  return { ...loop, story, errors, time };
}

test('each event is one step: observed first, then its commands, then the timer is set', () => {
  const { story, dispatch, time } = start();
  time.now = 10;
  dispatch(ready(1));
  dispatch({ type: 'reload' });
  assert.deepEqual(story, [
    'clock -> spawn #1',
    'run spawn #1 [#1starting]',
    'wake 100',
    'ready #1 -> rolledOut',
    'wake null',
    'reload -> spawn #2',
    'run spawn #2 [#1ready #2starting]',
    'wake 110',
  ]);
});

test('an event from within a step waits for its end, and the timer is set after the last', () => {
  const { story, dispatch } = start({
    run(command, send) {
      if (command.type !== 'spawn') return;
      send({ type: 'spawned', worker: command.worker, pid: 70 + command.worker });
      send(ready(command.worker));
    },
  });
  story.length = 0;
  dispatch({ type: 'reload' });
  assert.deepEqual(story, [
    'reload -> spawn #2',
    'run spawn #2 [#1ready #2starting]',
    'spawned #2 -> -',
    'ready #2 -> rolledOut, retire #1',
    'run retire #1 [#1draining #2ready]',
    'wake 50',
  ]);
});

test('events before the start are handled after it, in their order', () => {
  const loop = createEventLoop(1, (error) => assert.fail(String(error)));
  loop.dispatch({ type: 'scale', workers: 3 });
  const effects = { now: () => 0, wakeAt() {}, run() {} };
  loop.start(initialSockets([]), testPolicy, effects, []);
  assert.deepEqual([loop.fleet().workersWanted, loop.fleet().workers.length], [3, 3]);
});

test('a command or an observer that throws is reported, and all others do their part', () => {
  const bug = new Error('a bug');
  const fails = () => {
    throw bug;
  };
  const after: string[] = [];
  const { story, errors, dispatch } = start({
    run: (command) => void (command.type !== 'spawn' && fails()),
    observers: [fails, ({ event }) => void after.push(event.type)],
  });
  dispatch(ready(1));
  dispatch({ type: 'reload' });
  dispatch(ready(2));
  dispatch(clock);
  assert.deepEqual(after, ['clock', 'ready', 'reload', 'ready', 'clock']);
  assert.ok(story.includes('run retire #1 [#1draining #2ready]'));
  // One for each step, and one for the command that failed.
  assert.deepEqual(errors, Array(5 + 1).fill(bug));
});
