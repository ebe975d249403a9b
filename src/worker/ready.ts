// Saying that this worker serves, over whatever way the supervisor listens to.
import { closeSync, writeSync } from 'node:fs';
import { findHook } from './preload-hook.js';

/**
 * Tells the supervisor that this worker serves. For `--ready ipc` and `--ready fd`; with `auto` it counts as
 * well, if it comes before the worker listens. Without a supervisor it does nothing.
 */
export function ready(): void {
  findHook()?.send({ type: 'ready' });
  const { READY_FD } = process.env;
  if (READY_FD === undefined) return;
  // Once: the number may belong to something else afterwards.
  delete process.env.READY_FD;
  try {
    writeSync(Number(READY_FD), '\n');
    closeSync(Number(READY_FD));
  } catch {
    // Nobody listens there. The supervisor then waits until its limit, and says what it waited for.
  }
}
