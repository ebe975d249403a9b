// All scenarios, in the order in which they run.
import { reload, reloadSlowBoot, reloadSlowHandlers } from './reload.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [reload, reloadSlowBoot, reloadSlowHandlers];
