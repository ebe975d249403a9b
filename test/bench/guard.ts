// Errors that nobody has caught: they fail what runs at that time, instead of ending the bench.
import type { EventEmitter } from 'node:events';

const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;
/** What has failed that way may never end by itself; until then it has time to clean up. */
const GRACE_MS = 60_000;

/** What has failed is still running, and would disturb whatever runs beside it. */
export class GaveUp extends Error {
  override readonly name = 'GaveUp';
}

/** As `run`; rejects with the first stray error when it has ended, or with GaveUp `graceMs` after that error. */
export async function guarded<T>(
  run: () => Promise<T>,
  source: EventEmitter = process,
  graceMs = GRACE_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const strays: unknown[] = [];
  let giveUp = (_: unknown) => {};
  const hopeless = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const onStray = (error: unknown) => {
    strays.push(error);
    timer ??= setTimeout(() => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      giveUp(new GaveUp(`it did not end after ${text}`));
    }, graceMs);
  };
  for (const event of EVENTS) source.on(event, onStray);
  try {
    const result = await Promise.race([run(), hopeless]);
    if (strays.length > 0) throw strays[0];
    return result;
  } finally {
    clearTimeout(timer);
    for (const event of EVENTS) source.off(event, onStray);
  }
}
