// Waits for a fact: asks again until it holds, or says what it saw last.
import { setTimeout as pause } from 'node:timers/promises';

/** Thrown by `ask` when waiting has become pointless. */
export class Hopeless extends Error {}

/** Resolves with the first value of `ask` that `holds` accepts. `ask` may throw while it is too early. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  holds: (value: T) => boolean = Boolean,
  limitMs = 20_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const value = await ask();
      if (holds(value)) return value;
      last = value;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    await pause(5);
  }
  throw new Error(`${what}: not within ${limitMs} ms; last seen: ${show(last)}`);
}

function show(value: unknown): string {
  if (value instanceof Error) return value.stack ?? value.message;
  return JSON.stringify(value) ?? String(value);
}
