// The observer that tells the service manager, by sd_notify(3), what the fleet is doing.
import type { Notifier } from 'node-systemd-notify';
import { type Announcement, announcementsOf, isBusy, type SeenTurn } from './announce.js';

/**
 * While something takes its time the manager is asked for this much more, again and again: a master that hangs
 * gets no more. The first time at once, for the limit of the unit may be shorter than any interval.
 */
const EXTEND_BY_MS = 15_000;
const EXTEND_EVERY_MS = 5_000;

export interface ServiceManager {
  observe(turn: SeenTurn): void;
  /** Ends the pings; resolves when all that was said has been sent. */
  close(): Promise<void>;
}

/** `watchdog`: milliseconds within which the manager wants to be pinged; null when it does not. */
export function createServiceManager(notifier: Notifier, watchdog: number | null): ServiceManager {
  // On the loop itself and not in a thread: that it turns is what the ping says.
  const pings =
    watchdog === null ? undefined : setInterval(() => notifier.watchdog(), watchdog / 2);
  let extending: NodeJS.Timeout | undefined;

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
    async close() {
      clearInterval(pings);
      extend(false);
      await notifier.flush();
    },
  };
}

function announce(notifier: Notifier, { kind, status }: Announcement): void {
  if (kind === 'ready') void notifier.ready(status);
  else if (kind === 'reloading') void notifier.reloading(status);
  else if (kind === 'stopping') void notifier.stopping(status);
  else void notifier.status(status);
}
