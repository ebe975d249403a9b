// Waits for processes to be gone.
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 1;

/** When the last of them was gone, by performance.now(); null when that came to be hopeless before. */
export async function gone(
  pids: readonly number[],
  hopeless: () => boolean,
): Promise<number | null> {
  while (pids.some(isThere)) {
    if (hopeless()) return null;
    await pause(POLL_MS);
  }
  return performance.now();
}

/** Also when it is dead and its parent has not taken note. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
