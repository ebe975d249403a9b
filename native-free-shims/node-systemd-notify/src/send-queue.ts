// Hands messages to a transport, one at a time and in order. The first attempt is made at once: if the transport
// is synchronous, the datagram is sent before the caller goes on, even if it exits then.
import { setTimeout as wait } from 'node:timers/promises';
import { now } from './linux.js';
import { isReplaceable, type Message, merge } from './message.js';
import type { Outcome, Transport } from './transport.js';

interface Entry {
  message: Message;
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
) {
  /** The first one is being sent, the others wait behind it. */
  const queue: (Entry & { readonly done: Promise<boolean> })[] = [];

  /** True when the message was handed over. Never throws, never rejects. */
  function enqueue(message: Message): Promise<boolean> {
    const last = queue.at(-1);
    const first = last ? undefined : attempt(message);
    if (first === 'sent' || first instanceof Error) return Promise.resolve(report(first));
    if (last && queue.length > 1 && isReplaceable(last.message) && isReplaceable(message)) {
      last.message = merge(last.message, message);
      return last.done;
    }
    if (queue.length > MAX_WAITING) {
      return Promise.resolve(report(new Error(`cannot notify: ${MAX_WAITING} messages wait`)));
    }
    const entry = { message, since: now() };
    const done = last ? last.done.then(() => send(entry)) : send(entry, first);
    queue.push(Object.assign(entry, { done }));
    return done;
  }

  async function send(entry: Entry, first?: Outcome | Promise<Outcome>): Promise<boolean> {
    const isOld = now() - entry.since > MAX_AGE_MS;
    const tooOld = isOld ? lost('those before it took too long') : undefined;
    let outcome = await (first ?? tooOld ?? attempt(entry.message));
    let pause = FIRST_PAUSE_MS;
    while (outcome === 'full' && now() - entry.since < retryLimitMs) {
      await wait(pause);
      pause = Math.min(pause * 2, MAX_PAUSE_MS);
      outcome = await attempt(entry.message);
    }
    queue.shift();
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
      await queue.at(-1)?.done;
    },
  };
}

const lost = (error: unknown) => new Error(`cannot notify: ${error}`, { cause: error });
