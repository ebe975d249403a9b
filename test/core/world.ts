// A simulated world for the core: processes with a temper, callers with wishes, sockets, and a clock.
// It knows of the core only what the rest of the program knows: commands, notices, and when to wake.
import { isDeepStrictEqual } from 'node:util';
import type { MasterCommand } from '../../src/core/commands.js';
import { decide, type State } from '../../src/core/decide.js';
import type { MasterEvent } from '../../src/core/events.js';
import { phaseOf } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import { CLAIM_TIME_MS } from '../../src/core/sockets.js';
import { ensure, has } from './ask.js';
import { deepFreeze } from './deep-freeze.js';
import { type Dice, dice } from './dice.js';
import { checkStep } from './invariants.js';
import { createObservers } from './observers.js';
import { Processes } from './processes.js';
import { randomPolicy, randomSockets, wishOf } from './random-input.js';
import { requestOf } from './request-invariants.js';
import {
  initialState,
  type Moment,
  momentOf,
  type Recording,
  stateAfter,
  type TimedEvent,
} from './steps.js';

export class World {
  state: State;
  now = 0;
  wakeAt: number | null = 0;
  readonly policy: Policy;
  readonly seen = new Map<string, number>();
  readonly recording: Recording & { events: TimedEvent[] };
  readonly #chaos: Dice;
  readonly #wishes: Dice;
  readonly #processes: Processes;
  readonly #waiting = new Set<number>();
  /** Some lives only: they cost more than the steps. */
  readonly #observers: ReturnType<typeof createObservers> | null;
  #lastRequest = 0;

  constructor(seed: number) {
    this.#chaos = dice(seed);
    this.#wishes = dice(seed ^ 0x5eed);
    const choose = dice(seed ^ 0x9011c4);
    const workersWanted = 1 + choose.below(4);
    this.policy = randomPolicy(choose);
    const sockets = randomSockets(choose);
    this.#processes = new Processes(seed, this.#chaos, sockets);
    this.recording = { policy: this.policy, workersWanted, sockets, events: [] };
    this.state = initialState(this.recording);
    this.#observers = choose.chance(0.08) ? createObservers() : null;
  }

  get steps(): number {
    return this.recording.events.length;
  }

  /** One event, at random. */
  live(): void {
    const kind = this.#chaos.roll();
    if (kind < 0.74) {
      for (const event of this.#processes.nextReports(this.state)) this.tell(event);
    } else if (kind < 0.92) this.#passTime();
    else {
      this.#lastRequest += 1;
      this.tell(wishOf(this.#wishes, this.#lastRequest));
    }
    const last = this.recording.events.at(-1)?.event;
    // Now and then a report comes twice.
    if (last && 'worker' in last && !('socket' in last) && this.#chaos.chance(0.03))
      this.tell(last);
  }

  /**
   * Calm: processes obey, no requests come, and time goes on until nothing is left to do. `isDeaf`: all that
   * processes obey is a kill.
   */
  rest(isDeaf = false): void {
    const since = this.now;
    // A master that gives up while it rests has waited for a start before it stops.
    const isStopping = this.state.fleet.lifecycle.state !== 'running';
    this.tell({ type: 'clock' });
    for (let left = 10_000; ; left -= 1) {
      ensure(left > 0, 'the world comes to rest');
      const event = this.#processes.nextObedience(this.state.fleet, isDeaf);
      if (event) this.tell(event);
      else if (!this.#goOn()) break;
    }
    ensure(this.#waiting.size === 0, 'at rest no request waits');
    this.#observers?.checkRest(this.state.fleet);
    const limit = isStopping ? longestStop(this.policy) : longestRest(this.policy);
    ensure(this.now - since <= limit, 'all that is waited for has an end');
    const { fleet } = this.state;
    const { workers, serving, workersWanted, rollout, lifecycle } = fleet;
    if (lifecycle.state !== 'running') {
      ensure(lifecycle.state === 'stopped' && workers.length === 0, 'a stop ends');
      ensure(this.#processes.living.length === 0, 'after the end no process is left');
      return;
    }
    if (phaseOf(fleet) === 'waiting') {
      ensure(this.policy.waitForChange && workers.length === 0, 'waiting is calm');
      return;
    }
    ensure(serving !== null && rollout === null, 'at rest nothing is being rolled out');
    ensure(workers.length === workersWanted, 'at rest there are as many workers as wanted');
    const allServe = workers.every((one) => one.generation === serving && one.state === 'ready');
    ensure(allServe, 'at rest all are ready');
  }

  tell(event: MasterEvent): Moment {
    const { now, policy, state: before } = this;
    this.recording.events.push({ at: now, event });
    const request = requestOf(event);
    if (request !== null) this.#waiting.add(request);
    // Of a large fleet now and then only: it costs more than the step itself.
    const isSmall = before.fleet.workers.length <= 3;
    if (isSmall || this.#chaos.chance(0.03)) deepFreeze(before);
    const moment = momentOf(before, event, now, policy);
    if (this.#chaos.chance(0.01)) {
      const again = momentOf(before, event, now, policy);
      ensure(isDeepStrictEqual(again, moment), 'the same step decides the same');
    }
    checkStep(moment);
    this.#observers?.observe(moment);
    this.state = stateAfter(moment);
    this.wakeAt = moment.wakeAt;
    const { commands, notices, after } = moment;
    for (const { type } of [...commands, ...notices]) {
      this.seen.set(type, (this.seen.get(type) ?? 0) + 1);
    }
    if (has(notices, 'rolledOut')) this.#processes.rolledOut(after);
    if (event.type === 'exited') this.#processes.forget(event.worker);
    for (const command of commands) this.#perform(command);
    this.#processes.checkSockets(this.state);
    return moment;
  }

  #passTime(): void {
    const { wakeAt } = this;
    const before = this.state;
    if (wakeAt === null || this.#chaos.chance(0.3)) {
      const until = wakeAt ?? this.now + 300;
      this.now += Math.floor(this.#chaos.roll() * (until - this.now));
      const { commands, notices } = this.tell({ type: 'clock' });
      const isIdle = before.fleet.lastWorker === 0 || commands.length + notices.length === 0;
      ensure(isIdle, 'before the wake-up time there is nothing to do');
    } else if (this.#chaos.chance(0.05)) {
      // The machine was suspended.
      this.now = wakeAt + this.#chaos.below(500);
      this.tell({ type: 'clock' });
    } else {
      this.now = wakeAt;
      const moment = this.tell({ type: 'clock' });
      const isUseful = moment.after !== moment.before || moment.wakeAt !== wakeAt;
      ensure(isUseful, 'a wake-up does something');
    }
  }

  /** Time passes, and all that are ready ping their watchdog. False when no time is waited for. */
  #goOn(): boolean {
    const { policy, now, state } = this;
    const { watchdog } = policy;
    const { workers } = state.fleet;
    const ready = workers.filter(({ state: name }) => name === 'ready');
    const unwatched = workers.map((one) =>
      one.state === 'ready' ? { ...one, hungAt: null } : one,
    );
    const calm = { ...state, fleet: { ...state.fleet, workers: unwatched } };
    const { wakeAt } = decide(calm, { type: 'clock' }, now, { ...policy, watchdog: null });
    if (wakeAt === null) return false;
    this.now = watchdog === null ? wakeAt : Math.min(wakeAt, now + watchdog - 1);
    for (const { id: worker } of ready) this.tell({ type: 'watchdogPing', worker });
    this.tell({ type: 'clock' });
    return true;
  }

  #perform(command: MasterCommand): void {
    if (command.type === 'reply') {
      const isWaiting = this.#waiting.delete(command.request);
      ensure(isWaiting, 'a reply goes to a request that waits');
    }
    if (command.type === 'exit') ensure(this.#waiting.size === 0, 'after the end no request waits');
    this.#processes.perform(command);
  }
}

/** A stop lasts as long as a worker may drain, and be asked to end. */
function longestStop({ drainTimeout, killTimeout, killInterval }: Policy): number {
  return drainTimeout + killTimeout + killInterval;
}

/** The rollout under way and the next one, a worker that crashed and its replacement, and all that drain. */
function longestRest(policy: Policy): number {
  const { maxStartTime, maxAbandonTime, overlap, backoff, watchdog } = policy;
  const rollout = maxStartTime + maxAbandonTime + overlap;
  return CLAIM_TIME_MS + 2 * rollout + backoff.ceiling + (watchdog ?? 0) + longestStop(policy);
}
