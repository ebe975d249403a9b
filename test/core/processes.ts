// The processes of the simulated world: they do what they are asked, or not, and tell of it, or lie, or say nothing.
import type { MasterCommand } from '../../src/core/commands.js';
import type { State } from '../../src/core/decide.js';
import type { MasterEvent, WorkerEvent } from '../../src/core/events.js';
import { type Fleet, isLive } from '../../src/core/fleet.js';
import { ensure } from './ask.js';
import { type Dice, dice } from './dice.js';
import { exitOf, gossipAbout } from './random-input.js';
import type { Recording } from './steps.js';

/** What a process can be asked, in the order in which it is asked; a kill may come at any time, and again. */
const ORDER = ['nothing', 'drain', 'signal', 'kill'] as const;
type Asked = (typeof ORDER)[number];

interface Process {
  readonly id: number;
  /** From 0, does all it is asked, to 1, crashes or hangs most of the time. */
  readonly temper: number;
  /** Its own dice: what one process does changes nothing about another one. */
  readonly dice: Dice;
  asked: Asked;
  /** It has exited, and the report was lost: only a kill can bring that to light. */
  isGone: boolean;
  /** The sockets on which it listens. */
  readonly listens: Set<number>;
}

/** Addresses on which the simulated app listens. */
const ADDRESSES = ['first', 'second'];

export class Processes {
  readonly #seed: number;
  readonly #chaos: Dice;
  readonly #all = new Map<number, Process>();
  /** By address: the socket that the master holds. */
  readonly #held = new Map<string, number>();
  /** Sockets of the serving generation. */
  #served = new Set<number>();
  #lastProcess = 0;
  #lastSocket: number;

  constructor(seed: number, chaos: Dice, sockets: Recording['sockets']) {
    this.#seed = seed;
    this.#chaos = chaos;
    for (const [index, { id }] of sockets.entries()) this.#held.set(ADDRESSES[index] ?? '', id);
    this.#lastSocket = sockets.length;
  }

  get living(): Process[] {
    return [...this.#all.values()].filter(({ isGone }) => !isGone);
  }

  /** What a process tells next, or a lie about it. Now and then the report is lost. */
  nextReports({ fleet }: State): MasterEvent[] {
    const all = this.living;
    // What is killed does not last, or there would soon be a hundred of them.
    const killed = this.#chaos.chance(0.3) ? all.find(({ asked }) => asked === 'kill') : undefined;
    const process = killed ?? all[this.#chaos.below(all.length)];
    if (!process || this.#chaos.chance(0.12)) {
      const worker = process?.id ?? 1 + this.#chaos.below(this.#lastProcess + 2);
      const isGone = worker <= this.#lastProcess && all.every(({ id }) => id !== worker);
      return [gossipAbout(worker, isGone, this.#chaos)];
    }
    const { dice: own, temper, asked, id: worker } = process;
    if (own.chance(temper * 0.4)) return this.#exit(process);
    if (asked !== 'kill' && own.chance(temper * 0.5)) return [{ type: 'clock' }];
    if (asked === 'drain') return [{ type: 'drained', worker }];
    if (asked !== 'nothing') return this.#exit(process);
    const { generation } = fleet.workers.find(({ id }) => id === worker) ?? {};
    const isServing = generation !== undefined && generation === fleet.serving;
    if (process.listens.size === 0 || own.chance(0.1)) return this.#listen(process, isServing);
    if (own.chance(0.05)) return this.#close(process);
    return [{ type: own.chance(0.3) ? 'watchdogPing' : 'ready', worker }];
  }

  #listen({ id: worker, dice: own, listens }: Process, isServing: boolean): MasterEvent[] {
    const address = ADDRESSES[own.chance(0.7) ? 0 : 1] ?? 'first';
    const held = this.#held.get(address);
    if (held === undefined) this.#lastSocket += 1;
    const socket = held ?? this.#lastSocket;
    this.#held.set(address, socket);
    listens.add(socket);
    if (isServing) this.#served.add(socket);
    return [
      held === undefined
        ? { type: 'socketOpened', worker, socket, isPrivate: own.chance(0.1) }
        : { type: 'socketUsed', worker, socket },
      { type: 'acceptsConnections', worker },
    ];
  }

  #close({ id: worker, listens }: Process): MasterEvent[] {
    const [socket] = listens;
    if (socket === undefined) return [];
    listens.delete(socket);
    if (this.living.every((one) => !one.listens.has(socket))) this.#served.delete(socket);
    return [{ type: 'socketClosed', worker, socket }];
  }

  #exit(process: Process): MasterEvent[] {
    const { id, dice: own, listens } = process;
    listens.clear();
    process.isGone = own.chance(0.05);
    if (process.isGone) return [{ type: 'clock' }];
    // Now and then it comes twice.
    return own.chance(0.05) ? [exitOf(id, own), exitOf(id, own)] : [exitOf(id, own)];
  }

  /** What a well-behaved process tells next; null if none has anything to tell. `isDeaf`: all that it obeys is a kill. */
  nextObedience({ workers }: Fleet, isDeaf: boolean): WorkerEvent | null {
    for (const { id: worker, asked, isGone } of this.#all.values()) {
      const state = workers.find(({ id }) => id === worker)?.state;
      if (isGone && state === 'killing') return exitOf(worker, this.#chaos);
      if (isGone || (isDeaf && asked !== 'kill')) continue;
      if (asked === 'drain') return { type: 'drained', worker };
      if (asked !== 'nothing') return exitOf(worker, this.#chaos);
      if (state === 'starting') return { type: 'ready', worker };
    }
    return null;
  }

  perform(command: MasterCommand): void {
    switch (command.type) {
      case 'spawn': {
        const { worker: id } = command;
        ensure(id > this.#lastProcess, 'an id is used once');
        this.#lastProcess = id;
        const own = dice(Math.imul(this.#seed, 31) + id);
        const temper = own.roll() ** 2;
        const process = { id, temper, dice: own, isGone: false, listens: new Set<number>() };
        this.#all.set(id, { ...process, asked: 'nothing' });
        return;
      }
      case 'retire':
        return this.#ask(command.worker, 'drain');
      case 'signal':
      case 'kill':
        return this.#ask(command.worker, command.type);
      case 'giveUpSocket':
        for (const [address, socket] of this.#held) {
          if (socket === command.socket) this.#held.delete(address);
        }
    }
  }

  #ask(worker: number, what: Asked): void {
    const process = this.#all.get(worker);
    ensure(process !== undefined, 'only processes are asked');
    if (process.isGone) return;
    const isNext = ORDER.indexOf(what) === ORDER.indexOf(process.asked) + 1;
    ensure(isNext || what === 'kill', `asked to ${what} once, and in order`);
    process.asked = what;
    // A retired worker closes its servers.
    process.listens.clear();
  }

  /** The core has been told that the process is gone. */
  forget(worker: number): void {
    this.#all.delete(worker);
  }

  /** Another generation serves: its sockets are those that are to be held. */
  rolledOut({ workers, serving }: Fleet): void {
    const members = workers.filter(({ generation }) => generation === serving);
    this.#served = new Set(members.flatMap(({ id }) => [...(this.#all.get(id)?.listens ?? [])]));
  }

  /** As long as a worker that serves listens on a socket, the master holds it, and so its replacement gets it. */
  checkSockets({ fleet, sockets }: State): void {
    if (fleet.lifecycle.state !== 'running') return;
    const isHeld = (socket: number) => sockets.uses.some(({ id }) => id === socket);
    for (const worker of fleet.workers) {
      if (!isLive(worker)) continue;
      for (const socket of this.#all.get(worker.id)?.listens ?? []) {
        ensure(isHeld(socket), 'a socket on which a live worker listens is held');
      }
    }
    for (const socket of this.#served) {
      ensure(isHeld(socket), 'a socket that the serving generation listened on is held');
    }
  }
}
