// A boot that takes its time, when it is asked to.
import { setTimeout as sleep } from 'node:timers/promises';

export async function pause(ms) {
  if (ms > 0) await sleep(ms);
}
