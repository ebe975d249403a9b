// What each signal to the master means: the table that code, --help and docs/signals-and-exit-codes.md share.

import type { Event } from '../core/events.js';
import type { TerminalWatch } from '../dev/terminal-closed.js';

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
  // SIGUSR1 would open Node's debugger. The others have no meaning for a master.
  { signals: ['SIGUSR1', 'SIGWINCH', 'SIGPIPE'], meaning: 'ignored', event: null },
];

/** The kernel sends them to a process in the background that reads from the terminal, or writes to it. */
const TERMINAL_SIGNALS: readonly NodeJS.Signals[] = ['SIGTTIN', 'SIGTTOU'];

/**
 * Turns signals into events. The handlers are never removed: a signal must not interrupt the final log lines.
 *
 * `terminal`, of `dev`: a SIGHUP may be the end of its terminal. SIGTTIN and SIGTTOU then get no handler, for they have to
 * stop a process in the background; with a handler the kernel and libuv would try the operation again for ever.
 */
export function listenToSignals(
  dispatch: (event: Event) => void,
  terminal: Pick<TerminalWatch, 'hasTerminal' | 'onHangup'> | null = null,
): void {
  const isLeftAlone = (signal: NodeJS.Signals) =>
    terminal?.hasTerminal === true && TERMINAL_SIGNALS.includes(signal);
  for (const { signals, event } of SIGNALS) {
    for (const signal of signals) {
      if (isLeftAlone(signal)) continue;
      process.on(signal, () => {
        if (signal === 'SIGHUP' && terminal?.onHangup()) return;
        if (event) dispatch(event);
      });
    }
  }
}
