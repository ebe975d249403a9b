// How an app takes part in its own retirement: it learns of it, and what it holds is closed after its last connection.
import { findHook } from './preload-hook.js';

export interface RetireOptions {
  /** Milliseconds after which the supervisor stops waiting for this closer; 5000 by default. */
  readonly timeout?: number;
}

/** Resolves when the worker is asked to leave; `signal` aborts at the same moment. */
export interface Retiring extends Promise<void> {
  readonly signal: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 5000;

/** Never resolves when the app runs without graceful-run. */
export const retiring: Retiring = createRetiring();

/**
 * Registers what is closed when this worker retires, after its last connection has ended. Closers run one after the
 * other in reverse order of registration, so what was opened first is closed last. One that throws or exceeds its
 * timeout is reported in the supervisor's log, and the next one runs. Returns a function that removes the closer.
 */
export function onRetire(
  name: string,
  close: () => unknown,
  { timeout = DEFAULT_TIMEOUT_MS }: RetireOptions = {},
): () => void {
  return findHook()?.addCloser({ name, close, timeoutMs: timeout }) ?? (() => {});
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
