// What each signal to the master means: the table that code, --help and the README share.

import type { Event } from '../core/events.js';
import type { Seat } from '../dev/terminal-closed.js';
import { now } from '../linux/monotonic-clock.js';

export interface SignalMeaning {
  readonly signals: readonly NodeJS.Signals[];
  readonly meaning: string;
  /** Null: ignored. */
  readonly event: Event | null;
}

export const SIGNALS: readonly SignalMeaning[] = [
  { signals: ['SIGHUP', 'SIGUSR2'], meaning: 'reload', event: { type: 'reload' } },
  {
    signals: ['SIGTERM', 'SIGINT', 'SIGQUIT'],
    meaning: 'stop gracefully; a second one stops at once',
    event: { type: 'stop' },
  },
  { signals: ['SIGTTIN'], meaning: 'one worker more', event: { type: 'scaleBy', delta: 1 } },
  { signals: ['SIGTTOU'], meaning: 'one worker fewer', event: { type: 'scaleBy', delta: -1 } },
  // SIGUSR1 would open Node's debugger; the others would end the master for nothing.
  { signals: ['SIGUSR1', 'SIGWINCH', 'SIGPIPE'], meaning: 'ignored', event: null },
];

const TERMINALS: readonly NodeJS.Signals[] = ['SIGTTIN', 'SIGTTOU'];

/**
 * Milliseconds within which a signal counts as the one that others had as well. systemd looks for new processes
 * again and again while it signals a unit.
 */
const LATELY = 1000;

/**
 * Handlers only tell; what follows is decided elsewhere. They stay to the end of the process: after the last
 * worker there are last words to say, and a signal must not cut them short. Returns whether the master had this
 * signal within the last second.
 *
 * `seat`, of `dev`: its SIGHUP may be the end of the terminal. Whoever reads or writes one from the background is sent
 * SIGTTIN or SIGTTOU, and has to be stopped; with a handler the kernel and libuv try again for ever. So these are
 * left alone.
 */
export function listenToSignals(
  tell: (event: Event) => void,
  seat: Pick<Seat, 'hasTerminal' | 'hungUp'> | null = null,
): (signal: string) => boolean {
  const heard = new Map<string, number>();
  for (const { signals, event } of SIGNALS) {
    for (const signal of signals.filter((one) => !seat?.hasTerminal || !TERMINALS.includes(one))) {
      process.on(signal, () => {
        heard.set(signal, now());
        if (signal === 'SIGHUP' && seat?.hungUp()) return;
        if (event) tell(event);
      });
    }
  }
  return (signal) => now() - (heard.get(signal) ?? Number.NEGATIVE_INFINITY) < LATELY;
}
