// Prints a notice if a change of files has to wait for the end of a rollout that was asked for.

import type { Fleet } from '../core/fleet.js';
import { describeFiles } from '../text/file-list.js';

const NOTICE_AFTER_MS = 1000;

export interface WaitingNotice {
  observe(fleet: Fleet): void;
  close(): void;
}

/** Calls `print` once for each change that waits longer than a second. */
export function createWaitingNotice(print: (text: string) => void): WaitingNotice {
  let timer: NodeJS.Timeout | undefined;
  let latest: Fleet | undefined;

  function printNotice(): void {
    const { nextRollout, rollout } = latest as Fleet;
    const files = describeFiles(nextRollout?.changedFiles ?? []);
    print(`${files} changed; waits for g${rollout?.generation} to serve or fail`);
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
      else timer ??= setTimeout(printNotice, NOTICE_AFTER_MS).unref();
    },
    close: end,
  };
}
