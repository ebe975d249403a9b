// What the preload in the same process offers, if the app runs under graceful-run.
import { WORKER_HOOK, type WorkerHook } from '../ipc-protocol.js';

/** Null when the app runs by itself: this library then does nothing. */
export function findHook(): WorkerHook | null {
  const found = (globalThis as Record<symbol, unknown>)[Symbol.for(WORKER_HOOK)];
  return (found as WorkerHook | undefined) ?? null;
}
