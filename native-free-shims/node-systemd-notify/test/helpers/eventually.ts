// Waits for a fact: asks again until it holds, or says what it saw last.
import { setTimeout as pause } from 'node:timers/promises';

export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  holds: (value: T) => boolean = Boolean,
  limitMs = 20_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (performance.now() > end) {
      throw new Error(`${what}: not within ${limitMs} ms; last seen: ${JSON.stringify(value)}`);
    }
    await pause(5);
  }
}
