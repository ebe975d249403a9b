// Observes the steps of the fleet and tells the service manager about them by sd_notify(3).
import { setTimeout as wait } from 'node:timers/promises';
import type { Notifier } from 'node-systemd-notify';
import type { StepRecord } from '../core/step-record.js';
import { isBusy, messagesFor } from './messages.js';

/**
 * During a start, a rollout or a stop the manager is asked for more time, so that the limits of graceful-run decide
 * (--start-timeout, --drain-timeout, --kill-timeout, --max-crashes) and not those of the unit, which cannot know how
 * many workers start or drain. There is no further bound: a master whose loop hangs stops asking, and the manager then
 * kills it. The first request is made at once, because the limit of the unit may be shorter than the interval.
 */
const EXTEND_BY_MS = 15_000;
const EXTEND_EVERY_MS = 5_000;

/** How long `close` waits for messages that are not sent yet. */
const FLUSH_TIMEOUT_MS = 2_000;
/** 2^31 - 1; a longer timer of Node fires at once. */
const MAX_TIMER_MS = 2_147_483_647;

export type ManagerObserver = ReturnType<typeof createManagerObserver>;

/** `watchdog`: milliseconds within which the manager expects a ping; null for no watchdog. */
export function createManagerObserver(notifier: Notifier, watchdog: number | null) {
  // On the event loop and not in a thread, because a ping must prove that the loop runs. At half of the time, as
  // sd_watchdog_enabled(3) recommends.
  const pings =
    watchdog === null
      ? undefined
      : setInterval(() => void notifier.watchdog(), Math.min(watchdog / 2, MAX_TIMER_MS));
  let extending: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;

  function extend(busy: boolean): void {
    if (busy === (extending !== undefined)) return;
    clearInterval(extending);
    extending = undefined;
    if (!busy) return;
    const request = () => void notifier.extendTimeout(EXTEND_BY_MS);
    extending = setInterval(request, EXTEND_EVERY_MS);
    request();
  }

  return {
    observe(turn: StepRecord): void {
      const messages = messagesFor(turn);
      for (const { kind, status } of messages) void notifier[kind](status);
      // The manager has a separate timer for each state of the unit, so that the extension begins again.
      if (messages.some(({ kind }) => kind !== 'status')) extend(false);
      extend(isBusy(turn.after));
    },
    /** Ends the pings, and resolves when all messages are sent, or after two seconds. */
    close(): Promise<void> {
      closing ??= flush();
      return closing;
    },
  };

  async function flush(): Promise<void> {
    clearInterval(pings);
    extend(false);
    // A manager that does not read must not keep a stopped master running.
    await Promise.race([notifier.flush(), wait(FLUSH_TIMEOUT_MS)]);
  }
}
