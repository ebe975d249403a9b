// A peer in the hands of a scenario: it may refuse to start, die, or stay down, and the others go on.
import { ClientLimit } from '../../helpers/load/connection.js';
import { firstAnswer } from '../clients/probe.js';
import { bareNode } from '../peers/bare-node.js';
import { gracefulRun } from '../peers/graceful-run.js';
import { gracefulRunDev } from '../peers/graceful-run-dev.js';
import type { AppOptions, CommandResult, Peer, Release, Running } from '../peers/peer.js';
import type { Table } from '../report/report.js';

/** Nothing can be compared without them, so that what goes wrong with one is an error of the scenario. */
const ESSENTIAL = [gracefulRun.name, bareNode.name, gracefulRunDev.name];
const ANSWER_LIMIT_MS = 2000;
/** Of a command that asks for a reload: some wait for ever when the release is broken. */
export const COMMAND_LIMIT_MS = 6000;

export class Contestant {
  readonly peer: Peer;
  readonly #app: AppOptions;
  #running: Running | null = null;
  #generation = 1;
  /** What did not start once is left out from then on. */
  #leftOut = false;
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

  /** null when it did not start. */
  get running(): Running | null {
    return this.#running;
  }

  /** The peer, and it answers: started anew if it does not. null when it does not start. */
  async up(): Promise<Running | null> {
    if (this.#leftOut) return null;
    if (this.#running) {
      const { endpoint } = this.#running;
      if ((await firstAnswer(endpoint, () => true, ANSWER_LIMIT_MS)) !== null) return this.#running;
      this.#trouble('had to be started anew, it did not answer any more');
      await this.stop();
    }
    try {
      this.#running = await this.peer.start(this.#app);
      this.#generation = 1;
    } catch (error) {
      if (error instanceof ClientLimit) throw error;
      this.#leftOut = true;
      this.#trouble('does not start', `: ${(error as Error).message}`);
    }
    return this.#running;
  }

  /** Asks for the next release, by a signal where the peer takes one. */
  reload(): Promise<CommandResult> {
    return this.#ask(async () => {
      const { signal = null } = this.#running ?? {};
      if (!signal) return this.#command();
      return { from: 'signal', status: null, began: signal(this.#nextRelease()), tookMs: 0 };
    });
  }

  /** As `reload`, by the command that a user types. */
  command(broken = false): Promise<CommandResult> {
    return this.#ask(() => this.#command(broken));
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.stop();
  }

  /** What comes of it may be awaited late, when others have looked at what it does; that it fails as well. */
  #ask(reload: () => Promise<CommandResult>): Promise<CommandResult> {
    const asked = reload().catch((error: Error) => {
      throw new Error(`${this.name} could not be asked to reload: ${error.message}`, {
        cause: error,
      });
    });
    // Without that a rejection would end the bench meanwhile.
    asked.catch(() => {});
    return asked;
  }

  async #command(broken = false): Promise<CommandResult> {
    const reload = this.#running?.reload;
    if (!reload) throw new Error(`${this.name} knows no reload`);
    return reload({ ...this.#nextRelease(), ...(broken && { broken }) }, COMMAND_LIMIT_MS);
  }

  #nextRelease(): Release {
    this.#generation += 1;
    return { generation: this.#generation };
  }

  /** `detail`: what a table has no room for, such as all that a contestant has printed. */
  #trouble(text: string, detail = ''): void {
    const whole = `${this.name} ${text}${detail}`;
    if (ESSENTIAL.includes(this.name)) throw new Error(whole);
    console.error(whole);
    this.troubles.push(text);
  }
}

/** Starts them all, and stops them whatever happens. */
export async function withContestants<T>(
  peers: readonly Peer[],
  app: AppOptions,
  use: (contestants: readonly Contestant[]) => Promise<T>,
): Promise<T> {
  const contestants = peers.map((peer) => new Contestant(peer, app));
  let stopped: readonly PromiseSettledResult<void>[] = [];
  let result: T;
  try {
    // Of all of them: what starts on when the others are stopped would be left behind.
    const started = await Promise.allSettled(contestants.map((one) => one.up()));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    result = await use(contestants);
  } finally {
    // Of all, for the same reason; and what went wrong before matters more.
    stopped = await Promise.allSettled(contestants.map((one) => one.stop()));
  }
  const left = stopped.find((one) => one.status === 'rejected');
  if (left) throw left.reason;
  return result;
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

export const runningOf = (contestants: readonly Contestant[]): Running[] =>
  contestants.flatMap(({ running }) => running ?? []);

/** Sentences for the note of a table. */
export function troublesOf(contestants: readonly Pick<Contestant, 'name' | 'troubles'>[]): string {
  const sentences = contestants
    .filter((one) => one.troubles.length > 0)
    .map((one) => ` ${one.name}: ${one.troubles.join('; ')}.`);
  // It may have been started for several parts of a scenario.
  return [...new Set(sentences)].join('');
}

/** The tables of a scenario, with the troubles in the note of the first. */
export function withTroubles(
  [first, ...others]: readonly Table[],
  contestants: readonly Contestant[],
): Table[] {
  if (!first) return [];
  return [{ ...first, note: `${first.note ?? ''}${troublesOf(contestants)}` }, ...others];
}
