// Every event in every phase, at workers in every state: none may throw or break an invariant. The fleets come from random
// lives: of each phase the first one for every combination of states that its workers are in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../src/core/decide.js';
import type { MasterEvent } from '../../src/core/events.js';
import { type Fleet, type Phase, phaseOf, type Worker } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import { checkStep } from './invariants.js';
import { momentOf } from './steps.js';
import { World } from './world.js';

const LIVES = 15;
const STEPS_IN_A_LIFE = 300;

/** By the compiler: no phase is forgotten. The states that its workers can be in; a ready one may be leaving. */
const states = {
  starting: ['draining', 'killing', 'ready', 'starting'],
  waiting: ['draining', 'killing'],
  serving: ['draining', 'killing', 'leaving', 'ready', 'starting'],
  'rolling out': ['draining', 'killing', 'leaving', 'ready', 'starting'],
  stopping: ['draining', 'killing'],
  stopped: [],
} satisfies Record<Phase, string[]>;

const asking = { request: 1_000_000 };

/** By the compiler: no event is forgotten. */
const events: {
  [T in MasterEvent['type']]: (worker: number) => Omit<Extract<MasterEvent, { type: T }>, 'type'>[];
} = {
  clock: () => [{}],
  reload: () => [{}, asking, { ...asking, wait: false }],
  filesChanged: () => [{ files: ['a.js', 'b.js'] }],
  scale: () => [0, 1, 2, 4, 7].flatMap((workers) => [{ workers }, { workers, ...asking }]),
  scaleBy: () => [-9, -1, 0, 1, 3].map((delta) => ({ delta })),
  stop: () => [{}, asking, { now: true }, { ...asking, now: true }],
  spawned: (worker) => [{ worker, pid: 4711 }],
  acceptsConnections: (worker) => [{ worker }],
  startProblem: (worker) => [
    { worker, problem: 'it sleeps' },
    { worker, problem: null },
  ],
  ready: (worker) => [{ worker }],
  cannotServe: (worker) => [{ worker, problem: 'never listened' }],
  drained: (worker) => [{ worker }],
  startTimeExtended: (worker) => [0, 150, 100_000].map((ms) => ({ worker, ms })),
  watchdogPing: (worker) => [{ worker }],
  wantsReplacement: (worker) => [
    { worker, reason: 'stopping' },
    { worker, reason: 'watchdog' },
  ],
  exited: (worker) => [
    { worker, ending: { type: 'status', status: 1 }, exception: 'Error: x' },
    { worker, ending: { type: 'signal', signal: 'SIGHUP' } },
    { worker, ending: { type: 'notStarted', status: 127, problem: 'ENOENT' } },
  ],
  socketOpened: (worker) => [{ worker, socket: 1_000_000, isPrivate: false }],
  socketUsed: (worker) => [{ worker, socket: 1 }],
  socketClosed: (worker) => [{ worker, socket: 1 }],
};

interface Scene {
  readonly state: State;
  readonly policy: Policy;
  readonly now: number;
  readonly wakeAt: number | null;
}

const kindOf = (worker: Worker) =>
  worker.state === 'ready' && worker.leaving !== null ? 'leaving' : worker.state;

/** Of each phase by the kinds of its workers. */
function scenesOfLives(): Map<Phase, Map<string, Scene>> {
  const scenes = new Map(Object.keys(states).map((phase) => [phase as Phase, new Map()]));
  for (let seed = 1; seed <= LIVES; seed += 1) {
    const world = new World(seed);
    while (world.steps < STEPS_IN_A_LIFE && world.state.fleet.lifecycle.state !== 'stopped') {
      world.live();
      const { state, policy, now, wakeAt } = world;
      const kinds = [...new Set(state.fleet.workers.map(kindOf))].sort().join();
      const ofPhase = scenes.get(phaseOf(state.fleet));
      if (!ofPhase?.has(kinds)) ofPhase?.set(kinds, { state, policy, now, wakeAt });
    }
  }
  return scenes;
}

/** All that may happen. Workers of one kind and generation are alike; one that is gone is among them. */
function eventsFor({ workers, lastWorker }: Fleet): MasterEvent[] {
  const kinds = new Map(workers.map((one) => [`${kindOf(one)} ${one.generation}`, one.id]));
  const all = [...kinds.values(), lastWorker + 1].flatMap((worker) =>
    Object.entries(events).flatMap(([type, make]) =>
      make(worker).map((fields) => ({ type, ...fields }) as MasterEvent),
    ),
  );
  return [...new Map(all.map((event) => [JSON.stringify(event), event])).values()];
}

for (const [phase, scenes] of scenesOfLives()) {
  test(`${phase}: no event breaks an invariant`, () => {
    const seen = new Set(
      [...scenes.values()].flatMap(({ state }) => state.fleet.workers.map(kindOf)),
    );
    assert.deepEqual([...seen].sort(), states[phase]);
    for (const [kinds, { state, policy, now, wakeAt }] of scenes) {
      for (const event of eventsFor(state.fleet)) {
        for (const at of new Set([now, wakeAt ?? now])) {
          try {
            checkStep(momentOf(state, event, at, policy));
          } catch (error) {
            throw new Error(`${kinds}: ${JSON.stringify(event)} at ${at}: ${error}`);
          }
        }
      }
    }
  });
}
