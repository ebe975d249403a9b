// A peer in the hands of a scenario: it may refuse to start, die, or stay down, and the others go on.
import { ClientLimit } from '../../helpers/load/connection.js';
import { firstAnswer } from '../clients/probe.js';
import type { AppOptions, CommandResult, Peer, Release, Running } from '../peers/peer.js';

const ANSWER_LIMIT_MS = 2000;
/** Of a command that asks for a reload: some wait for ever when the release is broken. */
const COMMAND_LIMIT_MS = 8000;

export class Contestant {
  readonly peer: Peer;
  readonly #app: AppOptions;
  #running: Running | null = null;
  #generation = 1;
  /** What went wrong with it as a whole, for the note of a table. */
  readonly troubles: string[] = [];

  constructor(peer: Peer, app: AppOptions) {
    this.peer = peer;
    this.#app = app;
  }

  get name(): string {
    return this.peer.name;
  }

  /** Of the release that was last put in place. */
  get generation(): number {
    return this.#generation;
  }

  /** The peer, and it answers: started anew if it does not. null when it does not start. */
  async up(): Promise<Running | null> {
    if (this.#running) {
      const { endpoint } = this.#running;
      if ((await firstAnswer(endpoint, () => true, ANSWER_LIMIT_MS)) !== null) return this.#running;
      this.troubles.push('did not answer any more and was started anew');
      await this.stop();
    }
    try {
      this.#running = await this.peer.start(this.#app);
      this.#generation = 1;
    } catch (error) {
      if (error instanceof ClientLimit) throw error;
      this.troubles.push(`does not start: ${(error as Error).message}`);
    }
    return this.#running;
  }

  /** Asks for the next release, by a signal where the peer takes one. */
  async reload(): Promise<CommandResult> {
    const { signal = null } = this.#running ?? {};
    if (!signal) return this.command();
    return { status: null, began: signal(this.#nextRelease()), tookMs: 0 };
  }

  /** As `reload`, by the command that a user types. */
  async command(broken = false): Promise<CommandResult> {
    const reload = this.#running?.reload;
    if (!reload) throw new Error(`${this.name} knows no reload`);
    return reload({ ...this.#nextRelease(), ...(broken && { broken }) }, COMMAND_LIMIT_MS);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.stop();
  }

  #nextRelease(): Release {
    this.#generation += 1;
    return { generation: this.#generation };
  }
}

/** Starts them all, and stops them whatever happens. */
export async function withContestants<T>(
  peers: readonly Peer[],
  app: AppOptions,
  use: (contestants: readonly Contestant[]) => Promise<T>,
): Promise<T> {
  const contestants = peers.map((peer) => new Contestant(peer, app));
  try {
    await Promise.all(contestants.map((one) => one.up()));
    return await use(contestants);
  } finally {
    await Promise.all(contestants.map((one) => one.stop()));
  }
}

/** Of each that is up, one after the other. */
export async function inTurn<T>(
  contestants: readonly Contestant[],
  use: (contestant: Contestant, running: Running) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const contestant of contestants) {
    const running = await contestant.up();
    if (running) results.push(await use(contestant, running));
  }
  return results;
}

/** Sentences for the note of a table. */
export function troublesOf(contestants: readonly Contestant[]): string {
  return contestants
    .filter((one) => one.troubles.length > 0)
    .map((one) => ` ${one.name}: ${one.troubles.join('; ')}.`)
    .join('');
}
