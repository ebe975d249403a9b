// Leaving in good order: hearing of the retirement, and closing what the app holds when its connections
// are gone.
import { findHook } from './preload-hook.js';

export interface RetireOptions {
  /** Milliseconds after which this closer is given up; 5000 when absent. */
  readonly timeout?: number;
}

/** Resolves when the worker is asked to leave; `signal` aborts at the same moment. */
export interface Retiring extends Promise<void> {
  readonly signal: AbortSignal;
}

interface Closer {
  readonly name: string;
  readonly close: () => unknown;
  readonly timeout: number;
}

const DEFAULT_TIMEOUT = 5000;
const closers: Closer[] = [];

/** Never resolves when the app runs without graceful-run. */
export const retiring: Retiring = createRetiring();

/**
 * Registers what is to be closed when this worker retires, after its last connection has ended. Closers run
 * one after the other in reverse order of registration, so what was opened first is closed last. One that
 * throws or exceeds its limit is reported to the supervisor's log, and the next one runs.
 * Returns a function that takes the registration back.
 */
export function onRetire(
  name: string,
  close: () => unknown,
  options: RetireOptions = {},
): () => void {
  const closer = { name, close, timeout: options.timeout ?? DEFAULT_TIMEOUT };
  closers.push(closer);
  findHook()?.setCloser({ run: runClosers, limit: longestTime });
  return () => {
    const at = closers.indexOf(closer);
    if (at !== -1) closers.splice(at, 1);
  };
}

function createRetiring(): Retiring {
  const controller = new AbortController();
  const promise = new Promise<void>((resolve) => {
    findHook()?.onRetiring(() => {
      controller.abort();
      resolve();
    });
  });
  return Object.assign(promise, { signal: controller.signal });
}

function longestTime(): number {
  return closers.reduce((sum, { timeout }) => sum + timeout, 0);
}

async function runClosers(): Promise<void> {
  for (let closer = closers.pop(); closer; closer = closers.pop()) {
    const problem = await runCloser(closer);
    if (problem) findHook()?.send({ type: 'warning', text: `closing ${closer.name}: ${problem}` });
  }
}

/** What went wrong, or null. */
async function runCloser({ close, timeout }: Closer): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not done after ${timeout} ms`), timeout);
  });
  try {
    return await Promise.race([Promise.resolve(close()).then(() => null), limit]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
