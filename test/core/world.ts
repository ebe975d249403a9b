// A simulated world for the core: processes with a temper, callers with wishes, and a clock.
// It knows of the core only what the hands would know: the actions, and when to wake.

import { type Event, emptyFleet, type Fleet, type Policy, phaseOf } from '../../src/core/fleet.js';
import { nextDeadline, type Step, step } from '../../src/core/step.js';
import { testPolicy } from '../helpers/transcript.js';
import { checkStep, ensure, type Moment } from './invariants.js';

/** A number from 0 to 1, the same for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Process {
  readonly id: number;
  /** From 0, does all it is asked, to 1, crashes or hangs most of the time. */
  readonly temper: number;
  asked: 'nothing' | 'leave' | 'signal' | 'kill';
}

export class World {
  fleet: Fleet;
  now = 0;
  steps = 0;
  readonly policy: Policy;
  /** The last moments, newest last. */
  readonly story: Moment[] = [];
  readonly seen = new Map<string, number>();
  readonly #roll: () => number;
  readonly #processes: Process[] = [];
  readonly #waiting = new Set<number>();
  #lastProcess = 0;
  #lastRequest = 0;

  constructor(seed: number) {
    this.#roll = dice(seed);
    this.fleet = emptyFleet(1 + this.#below(4));
    const maxCrashes = this.#chance(0.3) ? 2 + this.#below(6) : 0;
    const jitter = this.#chance(0.5) ? this.#roll() : 0;
    const backoff = { ...testPolicy.backoff, jitter };
    const watchdog = this.#chance(0.3) ? 40 + this.#below(200) : 0;
    const firstAlone = this.#chance(0.5);
    const overlap = this.#chance(0.5) ? 1 + this.#below(60) : 0;
    const busyOverlap = overlap * 2;
    const waitForChange = this.#chance(0.4);
    const drawn = {
      firstAlone,
      waitForChange,
      overlap,
      busyOverlap,
      maxCrashes,
      backoff,
      watchdog,
    };
    this.policy = { ...testPolicy, ...drawn };
  }

  /** One event, at random. */
  live(): void {
    const wish = this.#roll();
    if (wish < 0.76) this.tell(this.#report());
    else if (wish < 0.92) this.passTime();
    else this.tell(this.#wish());
  }

  /** All calm: processes obey, nobody wishes, time goes on until nothing is to be done. */
  rest(): void {
    this.tell({ type: 'clock' });
    for (let patience = 10_000; patience > 0; patience -= 1) {
      const process = this.#processes.find((one) => obedience(one, this.fleet) !== null);
      const event = process ? obedience(process, this.fleet) : null;
      if (event) this.tell(event);
      else if (nextDeadline(unwatched(this.fleet), this.policy) === null) break;
      else this.#restOn();
      ensure(patience > 1, 'the world comes to rest');
    }
    const { workers, serving, size, target, stop } = this.fleet;
    ensure(this.#waiting.size === 0, 'at rest nobody waits for an answer');
    if (stop) {
      ensure(this.fleet.stopped && workers.length === 0, 'a stop ends');
      return;
    }
    if (phaseOf(this.fleet) === 'waiting') {
      ensure(this.policy.waitForChange && workers.length === 0, 'waiting is calm');
      return;
    }
    ensure(serving !== 0 && target === 0, 'at rest nothing is being rolled out');
    ensure(workers.length === size, 'at rest there are as many workers as wanted');
    const served = workers.every((one) => one.generation === serving && one.state === 'ready');
    ensure(served, 'at rest all are ready');
  }

  tell(event: Event): void {
    const { fleet: before, now, policy } = this;
    this.steps += 1;
    if ('request' in event && event.request !== undefined) this.#waiting.add(event.request);
    // Frozen now and then only: it costs more than the step itself.
    if (this.#chance(0.03)) deepFreeze(before);
    const result = step(before, event, now, policy);
    const moment = { before, event, now, policy, result };
    this.story.push(moment);
    if (this.story.length > 40) this.story.splice(0, 20);
    checkStep(moment);
    this.#perform(result);
    this.fleet = result.fleet;
    if (event.type === 'exited') this.#bury(event.worker);
  }

  /** To the next deadline, or to some moment before it, where nothing may happen. */
  passTime(): void {
    const next = nextDeadline(this.fleet, this.policy);
    if (next === null || this.#chance(0.3)) {
      const early = Math.floor(this.#roll() * ((next ?? this.now + 300) - this.now));
      this.now += early;
      const { lastWorker } = this.fleet;
      this.tell({ type: 'clock' });
      const { actions = [] } = this.story.at(-1)?.result ?? {};
      // The very first clock spawns.
      ensure(
        lastWorker === 0 || actions.length === 0,
        'before the next deadline there is nothing to do',
      );
    } else if (this.#chance(0.05)) {
      // The machine was suspended.
      this.now = next + this.#below(500);
      this.tell({ type: 'clock' });
    } else this.#toDeadline();
  }

  /** Time passes, and whoever is ready feeds its watchdog. */
  #restOn(): void {
    const next = nextDeadline(unwatched(this.fleet), this.policy) ?? this.now;
    const feeding = this.policy.watchdog === 0 ? next : this.now + this.policy.watchdog - 1;
    this.now = Math.min(next, feeding);
    const ready = this.fleet.workers.filter((one) => one.state === 'ready');
    for (const { id: worker } of ready) this.tell({ type: 'alive', worker });
    if (this.now === next) this.tell({ type: 'clock' });
  }

  #toDeadline(): void {
    this.now = nextDeadline(this.fleet, this.policy) ?? this.now;
    this.tell({ type: 'clock' });
    const done = this.story.at(-1)?.result.actions.length ?? 0;
    ensure(done > 0, 'a clock at the deadline makes progress');
  }

  #report(): Event {
    if (this.#processes.length === 0 || this.#chance(0.02)) {
      return this.#gossip(1 + this.#below(this.#lastProcess + 2));
    }
    const process = this.#processes[this.#below(this.#processes.length)];
    if (!process || this.#chance(0.1)) return this.#gossip(process?.id ?? 1);
    const { id: worker, temper, asked } = process;
    if (this.#chance(temper * 0.4)) return this.#exit(worker);
    if (asked !== 'kill' && this.#chance(temper * 0.5)) return { type: 'clock' };
    if (asked === 'nothing') {
      if (this.#chance(0.3)) return { type: 'alive', worker };
      return { type: 'ready', worker, busy: this.#chance(0.3) };
    }
    return asked === 'leave' ? { type: 'idle', worker } : this.#exit(worker);
  }

  /** Anything about any worker, whether it makes sense or not; but only a process can exit. */
  #gossip(worker: number): Event {
    const gone = worker <= this.#lastProcess && this.#processes.every((one) => one.id !== worker);
    const events: Event[] = [
      { type: 'spawned', worker, pid: 1000 + worker },
      { type: 'accepting', worker },
      { type: 'accepting', worker },
      { type: 'noted', worker, note: this.#chance(0.5) ? 'it sleeps' : null },
      { type: 'ready', worker },
      { type: 'unfit', worker, reason: 'never listened' },
      { type: 'idle', worker },
      { type: 'alive', worker },
      { type: 'extended', worker, ms: this.#below(400) },
      this.#chance(0.3) ? { type: 'leaving', worker } : { type: 'clock' },
      gone ? this.#exit(worker) : { type: 'clock' },
    ];
    return events[this.#below(events.length)] ?? { type: 'clock' };
  }

  #exit(worker: number): Event {
    const status = this.#chance(0.2) ? { status: 127 } : {};
    const stray = this.#chance(0.1) ? { stray: true } : {};
    return { type: 'exited', worker, reason: 'exited with status 1', ...status, ...stray };
  }

  #wish(): Event {
    this.#lastRequest += 1;
    const asking = this.#chance(0.7) ? { request: this.#lastRequest } : {};
    const wish = this.#roll();
    if (wish < 0.3) return { type: 'changed', files: [`f${this.#below(3)}`] };
    if (wish < 0.5) return { type: 'reload', ...asking };
    if (wish < 0.75) return { type: 'scale', size: this.#below(6), ...asking };
    if (wish < 0.98) return { type: 'scaleBy', delta: this.#chance(0.5) ? 1 : -1 };
    return { type: 'stop', now: this.#chance(0.2), ...asking };
  }

  /** What the hands would do. */
  #perform({ actions }: Step): void {
    for (const action of actions) {
      this.seen.set(action.type, (this.seen.get(action.type) ?? 0) + 1);
      if (action.type === 'reply') {
        ensure(this.#waiting.delete(action.request), 'a reply goes to one who waits for it');
      } else if (action.type === 'spawn') {
        ensure(action.worker > this.#lastProcess, 'a number is used once');
        this.#lastProcess = action.worker;
        this.#processes.push({ id: action.worker, temper: this.#roll() ** 2, asked: 'nothing' });
      } else if (action.type === 'retire') this.#ask(action.worker, ['nothing'], 'leave');
      else if (action.type === 'signal') this.#ask(action.worker, ['leave'], 'signal');
      else if (action.type === 'kill') {
        this.#ask(action.worker, ['nothing', 'leave', 'signal', 'kill'], 'kill');
      } else if (action.type === 'stopped') {
        ensure(this.#waiting.size === 0, 'after stopped nobody waits for an answer');
        ensure(this.#processes.length <= 1, 'after stopped no process is left');
      }
    }
  }

  /** `from` is where a process may be when it is asked this; each is asked at most once. */
  #ask(worker: number, from: readonly Process['asked'][], what: Process['asked']): void {
    const process = this.#processes.find((one) => one.id === worker);
    ensure(process !== undefined, 'only processes are asked');
    ensure(from.includes(process.asked), `asked to ${what} once, and in order`);
    process.asked = what;
  }

  #bury(worker: number): void {
    const index = this.#processes.findIndex((one) => one.id === worker);
    if (index >= 0) this.#processes.splice(index, 1);
  }

  #below(count: number): number {
    return Math.floor(this.#roll() * count);
  }

  #chance(share: number): boolean {
    return this.#roll() < share;
  }
}

/** What a well-behaved process reports next; null when it has nothing to report. */
function obedience({ id: worker, asked }: Process, fleet: Fleet): Event | null {
  if (asked === 'leave') return { type: 'idle', worker };
  if (asked !== 'nothing') return { type: 'exited', worker, reason: 'exited with status 0' };
  const starts = fleet.workers.some((one) => one.id === worker && one.state === 'starting');
  return starts ? { type: 'ready', worker } : null;
}

/** As if no watchdog were running. */
function unwatched(fleet: Fleet): Fleet {
  const workers = fleet.workers.map((one) =>
    one.state === 'ready' ? { ...one, deadline: null } : one,
  );
  return { ...fleet, workers };
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
