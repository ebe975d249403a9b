// Hands messages to a way, one at a time and in order. The first attempt is made at once, so that with a
// way that answers at once a datagram is out before the caller goes on, even if it exits then.

import { setTimeout as pause } from 'node:timers/promises';
import { isPassing, type Message, merge } from './message.js';
import { now } from './monotonic.js';
import type { Outcome, Way } from './transport.js';

export interface Outbox {
  /** True when handed over. Never throws, never rejects. */
  post(message: Message): Promise<boolean>;
  /** Resolves when all that was posted so far is sent or lost. */
  flush(): Promise<void>;
}

interface Waiting {
  message: Message;
  readonly done: Promise<boolean>;
  readonly settle: (sent: boolean) => void;
  readonly since: number;
}

/** Milliseconds for which a receiver that does not read is tried; one attempt is made in any case. */
const PATIENCE = 5000;
/** Milliseconds after which a message is not even attempted: those before it took too long. */
const TOO_OLD = 30_000;
/** Milliseconds between two attempts. */
const SHORTEST_PAUSE = 5;
const LONGEST_PAUSE = 200;
/** Messages; more would only be told to somebody who stopped listening. */
const LONGEST_QUEUE = 200;

export function createOutbox(
  way: Way,
  failed: (error: Error) => void,
  patience: number = PATIENCE,
): Outbox {
  const queue: Waiting[] = [];
  let current: Promise<unknown> | null = null;
  /** Of the last message: those before it are settled earlier. */
  let last: Promise<unknown> | null = null;

  function post(message: Message): Promise<boolean> {
    if (current) return enqueue(message);
    const outcome = attempt(message);
    if (outcome === 'sent' || outcome instanceof Error) return Promise.resolve(judge(outcome));
    const done = insist(message, outcome, now()).then(judge);
    current = done.then(drain);
    last = done;
    return done;
  }

  function enqueue(message: Message): Promise<boolean> {
    const before = queue.at(-1);
    if (before && isPassing(before.message) && isPassing(message)) {
      before.message = merge(before.message, message);
      return before.done;
    }
    if (queue.length >= LONGEST_QUEUE) {
      return Promise.resolve(judge(new Error(`cannot notify: ${LONGEST_QUEUE} messages wait`)));
    }
    let settle: (sent: boolean) => void = () => {};
    const done = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    queue.push({ message, done, settle, since: now() });
    last = done;
    return done;
  }

  async function drain(): Promise<void> {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const late = now() - next.since > TOO_OLD;
      const outcome = late
        ? lost('those before it took too long')
        : await insist(next.message, attempt(next.message), next.since);
      next.settle(judge(outcome));
    }
    current = null;
  }

  /** A Node that has changed inside may throw where it did not. */
  function attempt(message: Message): Outcome | Promise<Outcome> {
    try {
      const outcome = way.deliver(message);
      return outcome instanceof Promise ? outcome.catch(lost) : outcome;
    } catch (error) {
      return lost(error);
    }
  }

  async function insist(
    message: Message,
    first: Outcome | Promise<Outcome>,
    since: number,
  ): Promise<Outcome> {
    let wait = SHORTEST_PAUSE;
    let outcome = await first;
    while (outcome === 'full' && now() - since < patience) {
      await pause(wait);
      wait = Math.min(wait * 2, LONGEST_PAUSE);
      outcome = await attempt(message);
    }
    return outcome;
  }

  function judge(outcome: Outcome): boolean {
    if (outcome === 'sent') return true;
    failed(
      outcome === 'full'
        ? new Error(`cannot notify: nobody has read the socket for ${patience} ms`)
        : outcome,
    );
    return false;
  }

  return {
    post,
    async flush() {
      await last;
    },
  };
}

const lost = (error: unknown) => new Error(`cannot notify: ${error}`, { cause: error });
