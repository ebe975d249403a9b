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

/**
 * `systemctl kill` signals every process of a unit, and looks again until it finds no new one. A worker that was
 * spawned at once would be hit before it can ignore what is meant for the master, and the reload would fail.
 */
const OTHERS_ARE_HIT_MS = 50;

/** Handlers only tell; what follows is decided elsewhere. Returns its undo. */
export function listenToSignals(tell: (event: Event) => void): () => void {
  const pauses = new Set<NodeJS.Timeout>();
  function heard(event: Event | null): void {
    if (event?.type !== 'reload') return void (event && tell(event));
    const pause = setTimeout(() => {
      pauses.delete(pause);
      tell(event);
    }, OTHERS_ARE_HIT_MS);
    pauses.add(pause);
  }

  const handlers = SIGNALS.flatMap(({ signals, event }) =>
    signals.map((signal) => [signal, () => heard(event)] as const),
  );
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    for (const pause of pauses) clearTimeout(pause);
  };
}
