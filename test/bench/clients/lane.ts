// Requests of a constant rate that share a way to connect: kept connections, or one each.
import type { Connection } from '../../helpers/load/connection.js';
import type { Asker } from './asker.js';
import { now } from './clock.js';
import { LIMIT_MS } from './load-spec.js';

/** A client with more connections than that would be an attack, and the listen queue of Node has 511 places. */
const MOST_CONNECTIONS = 256;

export class Lane {
  readonly #asker: Asker;
  readonly #keepAlive: boolean;
  /** Intended times of those that wait for a connection. */
  readonly #waiting: number[] = [];
  /** The longest idle is taken first, so that all that were opened stay in use. */
  readonly #idle: Connection[] = [];
  #underWay = 0;

  constructor(asker: Asker, keepAlive: boolean) {
    this.#asker = asker;
    this.#keepAlive = keepAlive;
  }

  get pending(): number {
    return this.#underWay + this.#waiting.length;
  }

  /** A request is due: sent at once, or as soon as there is a connection for it; its time runs on. */
  add(due: number): void {
    this.#waiting.push(due);
    this.serve();
  }

  serve(): void {
    for (;;) {
      const due = this.#waiting[0];
      if (due === undefined) return;
      if (now() - due > LIMIT_MS) this.#asker.unsent(due);
      else if (this.#underWay < MOST_CONNECTIONS) void this.#send(due);
      else return;
      this.#waiting.shift();
    }
  }

  close(): void {
    // Those that the server ended meanwhile count as such.
    for (const connection of this.#idle) if (this.#asker.stands(connection)) connection.close();
  }

  async #send(due: number): Promise<void> {
    this.#underWay += 1;
    const { connection } = await this.#asker.ask(due, this.#keepAlive, this.#take());
    this.#underWay -= 1;
    if (connection) this.#idle.push(connection);
    this.serve();
  }

  #take(): Connection | null {
    for (;;) {
      const connection = this.#idle.shift();
      if (!connection) return null;
      if (this.#asker.stands(connection)) return connection;
    }
  }
}
