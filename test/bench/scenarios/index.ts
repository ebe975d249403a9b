// All scenarios, in the order in which they run.
import { brokenRelease } from './broken-release.js';
import { killedWorker } from './killed-worker.js';
import { reload, reloadSlowBoot, reloadSlowHandlers } from './reload.js';
import type { Scenario } from './scenario.js';
import { steady } from './steady.js';

export const SCENARIOS: readonly Scenario[] = [
  ...[steady, reload, reloadSlowBoot, reloadSlowHandlers],
  ...[brokenRelease, killedWorker],
];
