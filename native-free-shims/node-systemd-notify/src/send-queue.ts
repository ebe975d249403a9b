// Hands messages to a transport, one at a time and in order. The first attempt is made at once: if the transport
// is synchronous, the datagram is sent before the caller goes on, even if it exits then.
import { setTimeout as wait } from 'node:timers/promises';
import { isReplaceable, type Message, merge } from './message.js';
import { now } from './monotonic-clock.js';
import type { Outcome, Transport } from './transport.js';

export interface SendQueue {
  /** True when the message was handed over. Never throws, never rejects. */
  enqueue(message: Message): Promise<boolean>;
  /** Resolves when every message enqueued so far is sent or lost. */
  flush(): Promise<void>;
}

interface Waiting {
  message: Message;
  readonly done: Promise<boolean>;
  readonly settle: (sent: boolean) => void;
  readonly since: number;
}

/** How long a receiver that does not read is retried; one attempt is made in any case. */
const RETRY_LIMIT_MS = 5000;
/** A message that waited longer behind others is not attempted any more. */
const MAX_AGE_MS = 30_000;
/** Pause between two attempts, doubled each time. */
const FIRST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 200;
/** Messages; behind a receiver that reads nothing a longer queue would not help. */
const MAX_WAITING = 200;

export function createSendQueue(
  transport: Transport,
  onFailure: (error: Error) => void,
  retryLimitMs: number = RETRY_LIMIT_MS,
): SendQueue {
  const queue: Waiting[] = [];
  let current: Promise<unknown> | null = null;
  /** The promise of the last message; the messages before it are settled earlier. */
  let last: Promise<unknown> | null = null;

  function enqueue(message: Message): Promise<boolean> {
    if (current) return waitInLine(message);
    const outcome = attempt(message);
    if (outcome === 'sent' || outcome instanceof Error) return Promise.resolve(report(outcome));
    const done = sendWithRetry(message, outcome, now()).then(report);
    current = done.then(drain);
    last = done;
    return done;
  }

  function waitInLine(message: Message): Promise<boolean> {
    const before = queue.at(-1);
    if (before && isReplaceable(before.message) && isReplaceable(message)) {
      before.message = merge(before.message, message);
      return before.done;
    }
    if (queue.length >= MAX_WAITING) {
      return Promise.resolve(report(new Error(`cannot notify: ${MAX_WAITING} messages wait`)));
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
      const outcome =
        now() - next.since > MAX_AGE_MS
          ? lost('those before it took too long')
          : await sendWithRetry(next.message, attempt(next.message), next.since);
      next.settle(report(outcome));
    }
    current = null;
  }

  /** Turns exceptions into outcomes: another version of Node may throw where this one does not. */
  function attempt(message: Message): Outcome | Promise<Outcome> {
    try {
      const outcome = transport.deliver(message);
      return outcome instanceof Promise ? outcome.catch(lost) : outcome;
    } catch (error) {
      return lost(error);
    }
  }

  async function sendWithRetry(
    message: Message,
    first: Outcome | Promise<Outcome>,
    since: number,
  ): Promise<Outcome> {
    let outcome = await first;
    let pause = FIRST_PAUSE_MS;
    while (outcome === 'full' && now() - since < retryLimitMs) {
      await wait(pause);
      pause = Math.min(pause * 2, MAX_PAUSE_MS);
      outcome = await attempt(message);
    }
    return outcome;
  }

  function report(outcome: Outcome): boolean {
    if (outcome === 'sent') return true;
    const unread = `cannot notify: the socket was not read for ${retryLimitMs} ms`;
    onFailure(outcome === 'full' ? new Error(unread) : outcome);
    return false;
  }

  return {
    enqueue,
    async flush() {
      await last;
    },
  };
}

const lost = (error: unknown) => new Error(`cannot notify: ${error}`, { cause: error });
