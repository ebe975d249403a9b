// All scenarios, in the order in which they run.

import { scale } from './scale/index.js';
import type { Scenario } from './scenario.js';
import { weight } from './weight/index.js';

export const SCENARIOS: readonly Scenario[] = [weight, scale];
