// Reports that this worker serves, in each way that the supervisor accepts.
import { closeSync, writeSync } from 'node:fs';
import { findHook } from './preload-hook.js';

/**
 * Tells the supervisor that this worker serves, for `--ready ipc` and `--ready fd`. With `auto` it counts too, if it
 * comes before the worker listens. Without a supervisor it does nothing.
 */
export function ready(): void {
  findHook()?.send({ type: 'ready' });
  const { READY_FD } = process.env;
  if (READY_FD === undefined) return;
  // Only once: afterwards the number may be that of another file.
  delete process.env.READY_FD;
  try {
    writeSync(Number(READY_FD), '\n');
    closeSync(Number(READY_FD));
  } catch {
    // Nothing reads there. The supervisor waits for its start timeout, and reports what it waited for.
  }
}
