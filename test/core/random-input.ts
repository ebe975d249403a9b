// What the simulated world draws at random: a policy, requests, and reports that make no sense.
import type { Event, MasterEvent, WorkerEvent } from '../../src/core/events.js';
import type { Ending } from '../../src/core/failure.js';
import type { Policy } from '../../src/core/policy.js';
import { testPolicy } from '../helpers/transcript.js';
import type { Dice } from './dice.js';
import type { Recording } from './steps.js';

export function randomPolicy({ below, chance, roll }: Dice): Policy {
  const startTimeout = 50 + below(100);
  const base = 5 + below(10);
  return {
    ...testPolicy,
    startTimeout,
    maxStartTime: startTimeout + below(300),
    drainTimeout: 1 + below(100),
    killTimeout: 1 + below(35),
    killInterval: 5 + below(10),
    maxAbandonTime: 10 + below(60),
    maxDraining: chance(0.5) ? 1 + below(2) : 8,
    maxCrashes: chance(0.3) ? 2 + below(6) : null,
    backoff: {
      ...{ base, ceiling: base + below(60), stableAfter: 10 + below(150) },
      ...{ jitter: chance(0.5) ? roll() : 0, seed: below(1000) },
    },
    watchdog: chance(0.3) ? 40 + below(200) : null,
    startFirstWorkerAlone: chance(0.5),
    overlap: chance(0.5) ? 1 + below(60) : 0,
    waitForChange: chance(0.4),
  };
}

/** Sockets that are held at the start: from --listen, or left in the store by an earlier master. */
export function randomSockets({ below, chance }: Dice): Recording['sockets'] {
  const origins = ['given', 'inherited', 'adopted', 'adopted'] as const;
  return Array.from({ length: chance(0.6) ? 2 : 0 }, (_, index) => {
    return { id: index + 1, origin: origins[below(4)] ?? 'given', isPrivate: chance(0.2) };
  });
}

export function wishOf({ chance, below, roll }: Dice, request: number): Event {
  const asking = chance(0.7) ? { request } : {};
  const wish = roll();
  if (wish < 0.3) return { type: 'filesChanged', files: [`f${below(3)}`] };
  if (wish < 0.5) return { type: 'reload', ...asking, ...(chance(0.2) && { wait: false }) };
  if (wish < 0.73) return { type: 'scale', workers: below(6), ...asking };
  // Not a number of workers.
  if (wish < 0.75) return { type: 'scale', workers: below(6) + 0.5, ...asking };
  if (wish < 0.98) return { type: 'scaleBy', delta: chance(0.5) ? 1 : -1 };
  return { type: 'stop', ...(chance(0.2) && { now: true }), ...asking };
}

/** Anything about any worker, whether it makes sense or not; but only a process that is gone has exited. */
export function gossipAbout(worker: number, isGone: boolean, chaos: Dice): MasterEvent {
  const { chance, below } = chaos;
  const events: MasterEvent[] = [
    { type: 'spawned', worker, pid: 1000 + worker },
    { type: 'acceptsConnections', worker },
    { type: 'startProblem', worker, problem: chance(0.5) ? 'it sleeps' : null },
    { type: 'ready', worker },
    { type: 'cannotServe', worker, problem: 'never listened' },
    { type: 'drained', worker },
    { type: 'watchdogPing', worker },
    { type: 'socketUsed', worker, socket: 1 },
    { type: 'startTimeExtended', worker, ms: below(400) },
    { type: 'wantsReplacement', worker, reason: chance(0.5) ? 'stopping' : 'watchdog' },
    isGone ? exitOf(worker, chaos) : { type: 'clock' },
  ];
  return events[below(events.length)] ?? { type: 'clock' };
}

export function exitOf(worker: number, { chance }: Dice): Extract<WorkerEvent, { type: 'exited' }> {
  const ending: Ending = chance(0.2)
    ? { type: 'notStarted', status: 127, problem: 'not found' }
    : chance(0.2)
      ? { type: 'signal', signal: 'SIGHUP' }
      : { type: 'status', status: 1 };
  return {
    ...{ type: 'exited', worker, ending },
    ...(chance(0.1) && { exception: 'Error: odd\n    at app.js:1:1' }),
  };
}
