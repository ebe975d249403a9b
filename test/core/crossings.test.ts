// Every event in every phase, at workers in every state: none may throw or break an invariant, and
// after each of them the fleet can still be stopped, with every request answered once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Event,
  type Fleet,
  type Phase,
  type Policy,
  phaseOf,
  type WorkerState,
} from '../../src/core/fleet.js';
import { nextDeadline, type Step, step } from '../../src/core/step.js';
import { fleetAfter, type Setting, testPolicy } from '../helpers/transcript.js';
import { checkStep, waitingIn } from './invariants.js';

interface Scene {
  readonly script: readonly string[];
  /** How many workers are in which state at its end. */
  readonly states: Readonly<Record<WorkerState, number>>;
  readonly policy?: Partial<Policy>;
}

const setting: Setting = { size: 4 };

const started = ['0 spawned #1 71', '1 ready #1', '2 accepting #3', '3 reload r1'];
const serving = [
  ...['0 spawned #1 71', '1 ready #1', '1 ready #2', '1 ready #3', '1 ready #4'],
  ...['2 exited #3', '3 exited #5', '13 clock', '14 scale 5 r2', '15 unfit #6 odd'],
  ...['16 scale 2 r3', '17 scale 4 r4', '35 clock', '36 exited #8', '37 scale 5 r5'],
];

/** By the compiler: no phase is forgotten. */
const scenes = {
  starting: {
    script: [...started, '4 scale 3 r2', '30 scale 2 r3', '54 clock', '74 clock'],
    states: { ready: 1, starting: 1, draining: 1, killing: 1 },
  },
  waiting: {
    script: ['0 ready #1', '1 accepting #2', '2 unfit #3 odd', '3 exited #4'],
    states: { ready: 0, starting: 0, draining: 2, killing: 1 },
    policy: { waitForChange: true },
  },
  serving: {
    script: serving,
    states: { ready: 2, starting: 1, draining: 2, killing: 1 },
  },
  'rolling out': {
    script: [...serving, '38 reload r7', '39 reload r8', '40 ready #10', '41 accepting #11'],
    states: { ready: 3, starting: 5, draining: 2, killing: 1 },
  },
  stopping: {
    script: [...serving, '38 reload r7', '39 stop r9', '40 idle #1', '41 stop r10'],
    states: { ready: 0, starting: 0, draining: 10, killing: 1 },
  },
  stopped: {
    script: [
      ...started,
      '4 stop now r9',
      '5 exited #1',
      '5 exited #2',
      '5 exited #3',
      '5 exited #4',
    ],
    states: { ready: 0, starting: 0, draining: 0, killing: 0 },
  },
} satisfies Record<Phase, Scene>;

/** Of the same phase, but all that is waited for is time. */
const overlapping: Scene = {
  script: [
    ...serving,
    ...['38 reload r7', '39 reload r8', '40 ready #10', '40 ready #11', '41 ready #12'],
    ...['42 ready #13', '43 ready #14'],
  ],
  states: { ready: 7, starting: 1, draining: 2, killing: 1 },
};
const moments: readonly [phase: Phase, scene: Scene, setting: Setting][] = [
  ...Object.entries(scenes).map(([phase, scene]): [Phase, Scene, Setting] => {
    const { policy }: Scene = scene;
    return [phase as Phase, scene, policy ? { ...setting, policy } : setting];
  }),
  ['rolling out', overlapping, { ...setting, policy: { overlap: 20 } }],
];

/** By the compiler: no event is forgotten. */
const events = {
  clock: () => [{ type: 'clock' }],
  reload: () => [{ type: 'reload' }, { type: 'reload', request: 99 }],
  changed: () => [{ type: 'changed', files: ['a.js', 'b.js'] }],
  scale: () => [
    ...[0, 1, 2, 4, 7].map((size) => ({ type: 'scale', size, request: 99 }) as const),
    { type: 'scale', size: 3 },
  ],
  scaleBy: () => [-9, -1, 0, 1, 3].map((delta) => ({ type: 'scaleBy', delta })),
  stop: () => [
    { type: 'stop' },
    { type: 'stop', request: 99 },
    { type: 'stop', now: true },
    { type: 'stop', now: true, request: 99 },
  ],
  spawned: (worker) => [{ type: 'spawned', worker, pid: 4711 }],
  accepting: (worker) => [{ type: 'accepting', worker }],
  noted: (worker) => [
    { type: 'noted', worker, note: 'it sleeps' },
    { type: 'noted', worker, note: null },
  ],
  ready: (worker) => [
    { type: 'ready', worker },
    { type: 'ready', worker, busy: true },
  ],
  unfit: (worker) => [{ type: 'unfit', worker, reason: 'never listened' }],
  idle: (worker) => [{ type: 'idle', worker }],
  extended: (worker) => [0, 150, 100_000].map((ms) => ({ type: 'extended', worker, ms })),
  alive: (worker) => [{ type: 'alive', worker }],
  leaving: (worker) => [{ type: 'leaving', worker }],
  exited: (worker) => [
    { type: 'exited', worker, reason: 'exited with status 1' },
    { type: 'exited', worker, reason: 'was killed by SIGHUP', stray: true },
    { type: 'exited', worker, reason: 'could not be run', status: 127, detail: 'ENOENT' },
  ],
} satisfies { [T in Event['type']]: (worker: number) => Extract<Event, { type: T }>[] };

const GONE = 999;
const policies = [
  testPolicy,
  { ...testPolicy, firstAlone: true, maxCrashes: 2 },
  { ...testPolicy, maxCrashes: 1 },
  { ...testPolicy, watchdog: 30 },
  { ...testPolicy, waitForChange: true, firstAlone: true },
  { ...testPolicy, overlap: 20, busyOverlap: 40 },
];

/** Stops the fleet, lets everybody leave, and answers who was told what. */
function endOf({ fleet, actions }: Step, now: number): number[] {
  const told = [...actions];
  const tell = (current: Fleet, event: Event) => {
    const result = step(current, event, now, testPolicy);
    told.push(...result.actions);
    return result.fleet;
  };
  let last = tell(fleet, { type: 'stop', now: true });
  for (const { id } of last.workers) {
    last = tell(last, { type: 'exited', worker: id, reason: 'was killed' });
  }
  assert.equal(phaseOf(last), 'stopped');
  return told.flatMap((action) => (action.type === 'reply' ? [action.request] : []));
}

function cross(before: Fleet, event: Event, now: number): void {
  for (const policy of policies) {
    const result = step(before, event, now, policy);
    checkStep({ before, event, now, policy, result });
    const asked = 'request' in event && event.request !== undefined ? [event.request] : [];
    const waiting = [...waitingIn(before), ...asked];
    assert.deepEqual(endOf(result, now).sort(), waiting.sort(), 'each is answered once');
  }
}

for (const [phase, { script, states }, setting] of moments) {
  const [fleet, now] = fleetAfter(['0 clock', ...script], setting);
  const name = setting.policy ? `${phase}, ${JSON.stringify(setting.policy)}` : phase;

  test(`${name}: the scene is set`, () => {
    assert.equal(phaseOf(fleet), phase);
    const count = { ready: 0, starting: 0, draining: 0, killing: 0 };
    for (const { state } of fleet.workers) count[state] += 1;
    assert.deepEqual(count, states);
  });

  for (const [type, make] of Object.entries(events)) {
    test(`${name}: ${type}`, () => {
      // One of each state and generation would do; all is as simple.
      for (const worker of [...fleet.workers.map((one) => one.id), GONE]) {
        for (const event of make(worker)) {
          for (const at of [
            now,
            nextDeadline(fleet, { ...testPolicy, ...setting.policy }) ?? now,
            now + 100_000,
          ]) {
            cross(fleet, event, at);
          }
        }
      }
    });
  }
}
