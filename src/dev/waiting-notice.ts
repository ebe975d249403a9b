// Where a change has to wait for longer than a moment, the user is told for what.

import type { Fleet } from '../core/fleet.js';
import { describeFiles } from '../text/file-list.js';

const MOMENT_MS = 1000;

export interface Patience {
  observe(fleet: Fleet): void;
  close(): void;
}

/** `tell` is called once for each time of waiting. */
export function createPatience(tell: (text: string) => void): Patience {
  let timer: NodeJS.Timeout | undefined;
  let latest: Fleet | undefined;

  function say(): void {
    const { nextRollout, rollout } = latest as Fleet;
    const files = describeFiles(nextRollout?.changedFiles ?? []);
    tell(`${files} changed; waits for g${rollout?.generation} to serve or fail`);
  }

  function end(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    observe(fleet) {
      latest = fleet;
      const isWaiting = fleet.rollout !== null && (fleet.nextRollout?.changedFiles.length ?? 0) > 0;
      if (!isWaiting) end();
      else timer ??= setTimeout(say, MOMENT_MS).unref();
    },
    close: end,
  };
}
