// The observer that tells the service manager, by sd_notify(3), what the fleet is doing.
import { setTimeout as wait } from 'node:timers/promises';
import type { Notifier } from 'node-systemd-notify';
import { type Announcement, announcementsOf, isBusy, type SeenTurn } from './messages.js';

/**
 * While something takes its time the manager is asked for this much more, again and again: a master that hangs
 * gets no more. The first time at once, for the limit of the unit may be shorter than any interval.
 */
const EXTEND_BY_MS = 15_000;
const EXTEND_EVERY_MS = 5_000;

/** How long the end waits for what is still to be said. */
const LAST_WORDS_MS = 2_000;
const SHORTEST_PING_MS = 20;
/** 2^31 - 1; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export interface ServiceManager {
  observe(turn: SeenTurn): void;
  /** Ends the pings; resolves when all that was said has been sent. */
  close(): Promise<void>;
}

/** `watchdog`: milliseconds within which the manager wants to be pinged; null when it does not. */
export function createServiceManager(notifier: Notifier, watchdog: number | null): ServiceManager {
  // On the loop itself and not in a thread: that it turns is what the ping says.
  const pings =
    watchdog === null ? undefined : setInterval(() => void notifier.watchdog(), pace(watchdog));
  let extending: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;

  function extend(busy: boolean): void {
    if (busy === (extending !== undefined)) return;
    clearInterval(extending);
    extending = undefined;
    if (!busy) return;
    const ask = () => void notifier.extendTimeout(EXTEND_BY_MS);
    extending = setInterval(ask, EXTEND_EVERY_MS);
    ask();
  }

  return {
    observe(turn) {
      const said = announcementsOf(turn);
      for (const one of said) announce(notifier, one);
      // Each state of the unit has a timer of its own.
      if (said.some((one) => one.kind !== 'status')) extend(false);
      extend(isBusy(turn.after) && !turn.after.stopped);
    },
    close() {
      closing ??= sayLast();
      return closing;
    },
  };

  async function sayLast(): Promise<void> {
    clearInterval(pings);
    extend(false);
    // A manager that does not listen must not keep a master that has stopped.
    await Promise.race([notifier.flush(), wait(LAST_WORDS_MS)]);
  }
}

/** Half of it, as sd_watchdog_enabled(3) recommends, as far as a timer of Node goes. */
function pace(watchdog: number): number {
  return Math.min(Math.max(watchdog / 2, SHORTEST_PING_MS), LONGEST_TIMER_MS);
}

function announce(notifier: Notifier, { kind, status }: Announcement): void {
  if (kind === 'ready') void notifier.ready(status);
  else if (kind === 'reloading') void notifier.reloading(status);
  else if (kind === 'stopping') void notifier.stopping(status);
  else void notifier.status(status);
}
