// Every event in every phase, at workers in every state: none may throw or break an invariant, and
// after each of them the fleet can still be stopped, with every request answered once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/core/events.js';
import { type Fleet, type Phase, phaseOf, type WorkerState } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import { type Step, step } from '../../src/core/step-fleet.js';
import { fleetAfter, type Setting, testPolicy } from '../helpers/transcript.js';
import { checkStep } from './invariants.js';
import { waitingIn } from './request-invariants.js';

interface Scene {
  readonly script: readonly string[];
  /** How many workers are in which state at its end. */
  readonly states: Readonly<Record<WorkerState, number>>;
  readonly policy?: Partial<Policy>;
}

const setting: Setting = { size: 4 };

const started = ['0 spawned #1 71', '1 ready #1', '2 acceptsConnections #3', '3 reload r1'];
const serving = [
  ...['0 spawned #1 71', '1 ready #1', '1 ready #2', '1 ready #3', '1 ready #4'],
  ...['2 exited #3', '3 exited #5', '13 clock', '14 scale 5 r2', '15 cannotServe #6 odd'],
  ...['16 scale 2 r3', '17 scale 4 r4', '35 clock', '36 exited #8', '37 scale 5 r5'],
];

/** By the compiler: no phase is forgotten. */
const scenes = {
  starting: {
    script: [...started, '4 scale 3 r2', '30 scale 2 r3', '54 clock', '74 clock'],
    states: { ready: 1, starting: 1, draining: 1, killing: 1 },
  },
  waiting: {
    script: ['0 ready #1', '1 acceptsConnections #2', '2 cannotServe #3 odd', '3 exited #4'],
    states: { ready: 0, starting: 0, draining: 2, killing: 1 },
    policy: { waitForChange: true },
  },
  serving: {
    script: serving,
    states: { ready: 2, starting: 1, draining: 2, killing: 1 },
  },
  'rolling out': {
    script: [
      ...serving,
      '38 reload r7',
      '39 reload r8',
      '40 ready #10',
      '41 acceptsConnections #11',
    ],
    states: { ready: 3, starting: 5, draining: 2, killing: 1 },
  },
  stopping: {
    script: [...serving, '38 reload r7', '39 stop r9', '40 drained #1', '41 stop r10'],
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
  reload: () => [
    { type: 'reload' },
    { type: 'reload', request: 99 },
    { type: 'reload', request: 99, wait: false },
  ],
  filesChanged: () => [{ type: 'filesChanged', files: ['a.js', 'b.js'] }],
  scale: () => [
    ...[0, 1, 2, 4, 7].map((workers) => ({ type: 'scale', workers, request: 99 }) as const),
    { type: 'scale', workers: 3 },
  ],
  scaleBy: () => [-9, -1, 0, 1, 3].map((delta) => ({ type: 'scaleBy', delta })),
  stop: () => [
    { type: 'stop' },
    { type: 'stop', request: 99 },
    { type: 'stop', now: true },
    { type: 'stop', now: true, request: 99 },
  ],
  spawned: (worker) => [{ type: 'spawned', worker, pid: 4711 }],
  acceptsConnections: (worker) => [{ type: 'acceptsConnections', worker }],
  startProblem: (worker) => [
    { type: 'startProblem', worker, problem: 'it sleeps' },
    { type: 'startProblem', worker, problem: null },
  ],
  ready: (worker) => [{ type: 'ready', worker }],
  cannotServe: (worker) => [{ type: 'cannotServe', worker, problem: 'never listened' }],
  drained: (worker) => [{ type: 'drained', worker }],
  startTimeExtended: (worker) =>
    [0, 150, 100_000].map((ms) => ({ type: 'startTimeExtended', worker, ms })),
  watchdogPing: (worker) => [{ type: 'watchdogPing', worker }],
  wantsReplacement: (worker) => [
    { type: 'wantsReplacement', worker, reason: 'stopping' },
    { type: 'wantsReplacement', worker, reason: 'watchdog' },
  ],
  exited: (worker) => [
    { type: 'exited', worker, ending: { type: 'status', status: 1 }, exception: 'Error: x' },
    { type: 'exited', worker, ending: { type: 'signal', signal: 'SIGHUP' }, stray: true },
    { type: 'exited', worker, ending: { type: 'notStarted', status: 127, problem: 'ENOENT' } },
  ],
} satisfies { [T in Event['type']]: (worker: number) => Extract<Event, { type: T }>[] };

const GONE = 999;
const policies = [
  testPolicy,
  { ...testPolicy, startFirstWorkerAlone: true, maxCrashes: 2 },
  { ...testPolicy, maxCrashes: 1 },
  { ...testPolicy, watchdog: 30 },
  { ...testPolicy, waitForChange: true, startFirstWorkerAlone: true },
  { ...testPolicy, overlap: 20, maxDraining: 1 },
];

/** Stops the fleet, lets everybody leave, and answers who was told what. */
function endOf({ fleet, commands }: Step, now: number): number[] {
  const told = [...commands];
  const tell = (current: Fleet, event: Event) => {
    const result = step(current, event, now, testPolicy);
    told.push(...result.commands);
    return result.fleet;
  };
  let last = tell(fleet, { type: 'stop', now: true });
  for (const { id } of last.workers) {
    last = tell(last, {
      type: 'exited',
      worker: id,
      ending: { type: 'signal', signal: 'SIGKILL' },
    });
  }
  assert.equal(phaseOf(last), 'stopped');
  return told.flatMap((command) => (command.type === 'reply' ? [command.request] : []));
}

/** Workers that are in the same state, of the same generation, are alike. */
function oneOfEachKind({ workers }: Fleet): number[] {
  const kinds = new Map(workers.map((one) => [`${one.state} ${one.generation}`, one.id]));
  return [...kinds.values()];
}

/** An event that is not about a worker is the same for all of them. */
function distinct(events: readonly Event[]): Event[] {
  return [...new Map(events.map((event) => [JSON.stringify(event), event])).values()];
}

function cross(before: Fleet, event: Event, now: number, toTheEnd: boolean): void {
  for (const policy of policies) {
    const result = step(before, event, now, policy);
    checkStep({ before, event, now, policy, result });
    if (!toTheEnd) continue;
    const asked = 'request' in event && event.request !== undefined ? [event.request] : [];
    const waiting = [...waitingIn(before), ...asked];
    assert.deepEqual(endOf(result, now).sort(), waiting.sort(), 'each is answered once');
  }
}

for (const [phase, { script, states }, setting] of moments) {
  const [fleet, now, wakeAt] = fleetAfter(['0 clock', ...script], setting);
  const name = setting.policy ? `${phase}, ${JSON.stringify(setting.policy)}` : phase;

  test(`${name}: the scene is set`, () => {
    assert.equal(phaseOf(fleet), phase);
    const count = { ready: 0, starting: 0, draining: 0, killing: 0 };
    for (const { state } of fleet.workers) count[state] += 1;
    assert.deepEqual(count, states);
  });

  for (const [type, make] of Object.entries(events)) {
    test(`${name}: ${type}`, () => {
      for (const event of distinct(
        [...oneOfEachKind(fleet), GONE].flatMap((worker): Event[] => make(worker)),
      )) {
        for (const at of [now, wakeAt ?? now, now + 100_000]) cross(fleet, event, at, at === now);
      }
    });
  }
}
