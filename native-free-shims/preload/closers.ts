// What the app closes when its worker retires.
import type { Closer } from '../../src/ipc-protocol.js';

export interface Closers {
  /** Returns a function that removes it. */
  add(closer: Closer): () => void;
  /** The sum of all timeouts, in milliseconds. */
  totalTimeoutMs(): number;
  /** Runs each closer once, one after the other, the last one first. Never rejects. */
  run(): Promise<void>;
}

/** `warn` gets a line about each closer that fails or exceeds its timeout. */
export function createClosers(warn: (text: string) => void): Closers {
  const closers: Closer[] = [];
  return {
    add(closer) {
      closers.push(closer);
      return () => {
        const index = closers.indexOf(closer);
        if (index !== -1) closers.splice(index, 1);
      };
    },
    totalTimeoutMs: () => closers.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0),
    async run() {
      for (let closer = closers.pop(); closer; closer = closers.pop()) {
        const problem = await runCloser(closer);
        if (problem !== null) warn(`closing ${closer.name}: ${problem}`);
      }
    },
  };
}

/** What went wrong, or null. */
async function runCloser(closer: Closer): Promise<string | null> {
  const { timeoutMs } = closer;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not done after ${timeoutMs} ms`), timeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve(closer.close()).then(() => null), limit]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
