// Hands messages to a transport, one at a time and in order. The first attempt is made at once: if the transport
// is synchronous, the datagram is sent before the caller goes on, even if it exits then.
import { setTimeout as wait } from 'node:timers/promises';
import { now } from './linux.js';
import type { Message } from './message.js';
import type { Outcome, Transport } from './transport.js';

/** How long a receiver that does not read is retried; one attempt is made in any case. */
const RETRY_LIMIT_MS = 5000;
/** Pause between two attempts, doubled each time. */
const FIRST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 200;
/** Messages; behind a receiver that reads nothing a longer queue would not help. */
const MAX_WAITING = 200;

export function createSendQueue(
  transport: Transport,
  onFailure: (error: Error) => void,
  retryLimitMs: number = RETRY_LIMIT_MS,
) {
  /** With the one that is being sent. */
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  /** True when the message was handed over. Never throws, never rejects. */
  function enqueue(message: Message): Promise<boolean> {
    if (waiting > MAX_WAITING) {
      return Promise.resolve(report(new Error(`cannot notify: ${MAX_WAITING} messages wait`)));
    }
    const since = now();
    const first = waiting === 0 ? attempt(message) : null;
    if (first === 'sent' || first instanceof Error) return Promise.resolve(report(first));
    waiting += 1;
    const done = first ? send(message, since, first) : last.then(() => send(message, since));
    last = done;
    return done;
  }

  async function send(
    message: Message,
    since: number,
    first: Outcome | Promise<Outcome> = attempt(message),
  ): Promise<boolean> {
    let outcome = await first;
    for (let pause = FIRST_PAUSE_MS; outcome === 'full' && now() - since < retryLimitMs; ) {
      await wait(pause);
      pause = Math.min(pause * 2, MAX_PAUSE_MS);
      outcome = await attempt(message);
    }
    waiting -= 1;
    return report(outcome);
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

  function report(outcome: Outcome): boolean {
    if (outcome === 'sent') return true;
    const unread = `cannot notify: the socket was not read for ${retryLimitMs} ms`;
    onFailure(outcome === 'full' ? new Error(unread) : outcome);
    return false;
  }

  return {
    enqueue,
    /** Resolves when every message enqueued so far is sent or lost. */
    async flush(): Promise<void> {
      await last;
    },
  };
}

const lost = (error: unknown) => new Error(`cannot notify: ${error}`, { cause: error });
