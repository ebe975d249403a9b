// All scenarios, in the order in which they run.
import type { Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [];
