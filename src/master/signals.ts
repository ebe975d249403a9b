// What each signal to the master means: the table that code, --help and the README share.
import type { Event } from '../core/vocabulary.js';

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

/** Handlers only tell; what follows is decided elsewhere. Returns its undo. */
export function listenToSignals(tell: (event: Event) => void): () => void {
  const handlers = SIGNALS.flatMap(({ signals, event }) =>
    signals.map((signal) => [signal, () => void (event && tell(event))] as const),
  );
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
