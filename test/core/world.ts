// A simulated world for the core: processes with a temper, callers with wishes, sockets, and a clock.
// It knows of the core only what the rest of the program knows: commands, notices, and when to wake.
import { isDeepStrictEqual } from 'node:util';
import type { MasterCommand } from '../../src/core/commands.js';
import { type Decision, decide, type State } from '../../src/core/decide.js';
import type { Event, MasterEvent, WorkerEvent } from '../../src/core/events.js';
import { emptyFleet, isLive, phaseOf } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import { CLAIM_TIME_MS, initialSockets } from '../../src/core/sockets.js';
import { deepFreeze } from './deep-freeze.js';
import { type Dice, dice } from './dice.js';
import { ensure } from './invariants.js';
import { createObservers } from './observers.js';
import { exitOf, gossipAbout, randomPolicy, randomSockets, wishOf } from './random-input.js';
import { checkDecision, type Recording } from './recording.js';
import { requestOf } from './request-invariants.js';

interface Process {
  readonly id: number;
  /** From 0, does all it is asked, to 1, crashes or hangs most of the time. */
  readonly temper: number;
  /** Its own dice: what one process does changes nothing about another one. */
  readonly dice: Dice;
  asked: 'nothing' | 'drain' | 'signal' | 'kill';
  /** The sockets on which it listens. */
  readonly listens: Set<number>;
}

/** Addresses on which the simulated app listens. */
const ADDRESSES = ['first', 'second'];

export class World {
  state: State;
  now = 0;
  wakeAt: number | null = 0;
  readonly policy: Policy;
  readonly seen = new Map<string, number>();
  readonly recording: Recording & { events: { at: number; event: MasterEvent }[] };
  readonly #seed: number;
  readonly #chaos: Dice;
  readonly #wishes: Dice;
  readonly #processes = new Map<number, Process>();
  /** Exits that the core has not been told, as the report was lost. */
  readonly #ghosts = new Set<number>();
  readonly #waiting = new Set<number>();
  /** By address: the socket that the master holds. */
  readonly #held = new Map<string, number>();
  /** Sockets of the serving generation. */
  #served = new Set<number>();
  /** Some lives only: they cost more than the steps. */
  readonly #observers: ReturnType<typeof createObservers> | null;
  #lastProcess = 0;
  #lastRequest = 0;
  #lastSocket = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#chaos = dice(seed);
    this.#wishes = dice(seed ^ 0x5eed);
    const choose = dice(seed ^ 0x9011c4);
    const workersWanted = 1 + choose.below(4);
    this.policy = randomPolicy(choose);
    const sockets = randomSockets(choose);
    for (const [index, { id }] of sockets.entries()) this.#held.set(ADDRESSES[index] ?? '', id);
    this.#lastSocket = sockets.length;
    this.state = { fleet: emptyFleet(workersWanted), sockets: initialSockets(sockets) };
    this.recording = { policy: this.policy, workersWanted, sockets, events: [] };
    this.#observers = choose.chance(0.1) ? createObservers() : null;
  }

  get steps(): number {
    return this.recording.events.length;
  }

  /** One event, at random. */
  live(): void {
    const kind = this.#chaos.roll();
    if (kind < 0.74) this.#report();
    else if (kind < 0.92) this.#passTime();
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
    this.tell({ type: 'clock' });
    for (let left = 10_000; ; left -= 1) {
      ensure(left > 0, 'the world comes to rest');
      const event = this.#nextObedience(isDeaf);
      if (event) this.tell(event);
      else if (!this.#goOn()) break;
    }
    ensure(this.#waiting.size === 0, 'at rest no request waits');
    this.#observers?.checkRest(this.state.fleet);
    const isStopped = this.state.fleet.lifecycle.state !== 'running';
    const limit = isStopped ? longestStop(this.policy) : longestRest(this.policy);
    ensure(this.now - since <= limit, 'all that is waited for has an end');
    const { fleet } = this.state;
    const { workers, serving, workersWanted, rollout, lifecycle } = fleet;
    if (lifecycle.state !== 'running') {
      ensure(lifecycle.state === 'stopped' && workers.length === 0, 'a stop ends');
      ensure(this.#processes.size === 0, 'after the end no process is left');
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

  tell(event: MasterEvent): void {
    const { now, policy, state: before } = this;
    this.recording.events.push({ at: now, event });
    const request = event.type.startsWith('socket') ? null : requestOf(event as Event);
    if (request !== null) this.#waiting.add(request);
    // Of a large fleet now and then only: it costs more than the step itself.
    const isSmall = before.fleet.workers.length <= 3;
    if (isSmall || this.#chaos.chance(0.03)) deepFreeze(before);
    const decision = decide(before, event, now, policy);
    if (this.#chaos.chance(0.03)) {
      const again = decide(before, event, now, policy);
      ensure(isDeepStrictEqual(again, decision), 'the same step decides the same');
    }
    checkDecision(before, event, now, policy, decision);
    this.#observers?.observe(before, event, now, decision);
    this.state = decision.state;
    this.wakeAt = decision.wakeAt;
    this.#note(decision);
    for (const command of decision.commands) this.#perform(command, event);
    this.#checkSockets();
    if (event.type === 'exited') {
      this.#processes.delete(event.worker);
      this.#ghosts.delete(event.worker);
    }
  }

  #note({ commands, notices, state }: Decision): void {
    for (const { type } of [...commands, ...notices]) {
      this.seen.set(type, (this.seen.get(type) ?? 0) + 1);
    }
    const rolledOut = notices.find(({ type }) => type === 'rolledOut');
    if (!rolledOut) return;
    this.#served = new Set();
    for (const worker of state.fleet.workers) {
      const isMember = worker.generation === state.fleet.serving;
      const process = this.#processes.get(worker.id);
      if (isMember && process) for (const socket of process.listens) this.#served.add(socket);
    }
  }

  /** As long as a worker that serves listens on a socket, the master holds it, and so its replacement gets it. */
  #checkSockets(): void {
    const { fleet, sockets } = this.state;
    if (fleet.lifecycle.state !== 'running') return;
    const held = { has: (socket: number) => sockets.uses.some(({ id }) => id === socket) };
    for (const worker of fleet.workers) {
      if (!isLive(worker)) continue;
      for (const socket of this.#processes.get(worker.id)?.listens ?? []) {
        ensure(held.has(socket), 'a socket on which a live worker listens is held');
      }
    }
    for (const socket of this.#served) {
      ensure(held.has(socket), 'a socket that the serving generation listened on is held');
    }
  }

  #passTime(): void {
    const { wakeAt } = this;
    if (wakeAt === null || this.#chaos.chance(0.3)) {
      const until = wakeAt ?? this.now + 300;
      this.now += Math.floor(this.#chaos.roll() * (until - this.now));
      const isFirst = this.state.fleet.lastWorker === 0;
      const decision = this.#clock();
      ensure(isFirst || decision === 0, 'before the wake-up time there is nothing to do');
    } else if (this.#chaos.chance(0.05)) {
      // The machine was suspended.
      this.now = wakeAt + this.#chaos.below(500);
      this.#clock();
    } else {
      this.now = wakeAt;
      const before = this.state;
      this.#clock();
      ensure(
        this.state.fleet !== before.fleet || this.wakeAt !== wakeAt,
        'a wake-up does something',
      );
    }
  }

  /** How many commands and notices follow from the time alone. */
  #clock(): number {
    const count = () => [...this.seen.values()].reduce((sum, times) => sum + times, 0);
    const before = count();
    this.tell({ type: 'clock' });
    return count() - before;
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

  /** What a process tells next, or a lie about it. Now and then the report is lost. */
  #report(): void {
    const all = [...this.#processes.values()];
    // What is killed does not last, or there would soon be a hundred of them.
    const killed = this.#chaos.chance(0.3) ? all.find(({ asked }) => asked === 'kill') : undefined;
    const process = killed ?? all[this.#chaos.below(all.length)];
    if (!process || this.#chaos.chance(0.12)) {
      const worker = process?.id ?? 1 + this.#chaos.below(this.#lastProcess + 2);
      const isGone = worker <= this.#lastProcess && !this.#processes.has(worker);
      return this.tell(gossipAbout(worker, isGone, this.#chaos));
    }
    const { dice: own, temper, asked } = process;
    if (own.chance(temper * 0.4)) return this.#exit(process);
    if (asked !== 'kill' && own.chance(temper * 0.5)) return this.tell({ type: 'clock' });
    if (asked === 'drain') return this.tell({ type: 'drained', worker: process.id });
    if (asked !== 'nothing') return this.#exit(process);
    if (process.listens.size === 0 || own.chance(0.1)) return this.#listen(process);
    if (own.chance(0.05)) return this.#close(process);
    const type = own.chance(0.3) ? 'watchdogPing' : 'ready';
    return this.tell({ type, worker: process.id });
  }

  #listen({ id: worker, dice: own, listens }: Process): void {
    const address = ADDRESSES[own.chance(0.7) ? 0 : 1] ?? 'first';
    const held = this.#held.get(address);
    if (held !== undefined) {
      listens.add(held);
      if (this.#served.size > 0 && this.#isServing(worker)) this.#served.add(held);
      this.tell({ type: 'socketUsed', worker, socket: held });
    } else {
      this.#lastSocket += 1;
      const socket = this.#lastSocket;
      this.#held.set(address, socket);
      listens.add(socket);
      if (this.#isServing(worker)) this.#served.add(socket);
      this.tell({ type: 'socketOpened', worker, socket, isPrivate: own.chance(0.1) });
    }
    this.tell({ type: 'acceptsConnections', worker });
  }

  #isServing(id: number): boolean {
    return this.state.sockets.serving.includes(id);
  }

  #close({ id: worker, listens }: Process): void {
    const [socket] = listens;
    if (socket === undefined) return;
    listens.delete(socket);
    const others = [...this.#processes.values()].some((one) => one.listens.has(socket));
    if (!others) this.#served.delete(socket);
    this.tell({ type: 'socketClosed', worker, socket });
  }

  #exit(process: Process): void {
    const { id, dice: own } = process;
    process.listens.clear();
    if (own.chance(0.05)) {
      // The report is lost: only a kill can bring the truth to light.
      this.#ghosts.add(id);
      this.#processes.delete(id);
      return this.tell({ type: 'clock' });
    }
    this.tell(exitOf(id, own));
    // And now and then it comes twice.
    if (own.chance(0.05)) this.tell(exitOf(id, own));
  }

  #perform(command: MasterCommand, event: MasterEvent): void {
    switch (command.type) {
      case 'reply':
        return ensure(
          this.#waiting.delete(command.request),
          'a reply goes to a request that waits',
        );
      case 'spawn': {
        const { worker: id } = command;
        ensure(id > this.#lastProcess, 'an id is used once');
        this.#lastProcess = id;
        const own = dice(Math.imul(this.#seed, 31) + id);
        const temper = own.roll() ** 2;
        const listens = new Set<number>();
        this.#processes.set(id, { id, temper, dice: own, asked: 'nothing', listens });
        return;
      }
      case 'retire':
        return this.#ask(command.worker, ['nothing'], 'drain', event);
      case 'signal':
        return this.#ask(command.worker, ['drain'], 'signal', event);
      case 'kill':
        return this.#ask(command.worker, ['nothing', 'drain', 'signal', 'kill'], 'kill', event);
      case 'giveUpSocket':
        for (const [address, socket] of this.#held) {
          if (socket === command.socket) this.#held.delete(address);
        }
        return;
      case 'exit':
        ensure(this.#waiting.size === 0, 'after the end no request waits');
        return;
      case 'closeSockets':
        return;
    }
  }

  /** `from` is what a process may have been asked before; each is asked at most once, but for a kill. */
  #ask(
    worker: number,
    from: readonly Process['asked'][],
    what: Process['asked'],
    event: MasterEvent,
  ): void {
    if (this.#ghosts.has(worker)) return;
    const process = this.#processes.get(worker);
    const isExiting = event.type === 'exited' && event.worker === worker;
    ensure(process !== undefined && !isExiting, 'only processes are asked');
    ensure(from.includes(process.asked), `asked to ${what} once, and in order`);
    process.asked = what;
    // A retired worker closes its servers.
    if (what !== 'nothing') process.listens.clear();
  }

  /** What a well-behaved process tells next, or the answer to the kill of a ghost. */
  #nextObedience(isDeaf: boolean): WorkerEvent | null {
    const { workers } = this.state.fleet;
    for (const { id, state } of workers) {
      if (!this.#ghosts.has(id)) continue;
      if (state === 'killing') return exitOf(id, this.#chaos);
    }
    for (const { id: worker, asked } of this.#processes.values()) {
      if (isDeaf && asked !== 'kill') continue;
      if (asked === 'drain') return { type: 'drained', worker };
      if (asked !== 'nothing') return exitOf(worker, this.#chaos);
      const starts = workers.some((one) => one.id === worker && one.state === 'starting');
      if (starts) return { type: 'ready', worker };
    }
    return null;
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
