// What the app closes when its worker retires.
import type { Closer } from '../../src/ipc-protocol.js';

export type Closers = ReturnType<typeof createClosers>;

/** `warn` gets a line about each closer that fails or exceeds its timeout. */
export function createClosers(warn: (text: string) => void) {
  const closers: Closer[] = [];
  return {
    /** Returns a function that removes it. */
    add(closer: Closer): () => void {
      closers.push(closer);
      return () => {
        const index = closers.indexOf(closer);
        if (index !== -1) closers.splice(index, 1);
      };
    },
    totalTimeoutMs: (): number => closers.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0),
    /** Runs each closer once, one after the other, the last one first. Never rejects. */
    async run(): Promise<void> {
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
