// All scenarios, in the order in which they run.
import { brokenRelease } from './broken-release.js';
import { killedWorker } from './killed-worker.js';
import { reload, reloadSlowBoot, reloadSlowHandlers } from './reload.js';
import { saves } from './saves/index.js';
import { scale } from './scale/index.js';
import type { Scenario } from './scenario.js';
import { spread } from './spread/index.js';
import { steady } from './steady.js';
import { weight } from './weight/index.js';

export const SCENARIOS: readonly Scenario[] = [
  ...[steady, reload, reloadSlowBoot, reloadSlowHandlers],
  ...[brokenRelease, killedWorker],
  ...[weight, scale, spread, saves],
];
