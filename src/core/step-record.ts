// One step of the master as observers see it. Data only.

import type { MasterCommand, Notice } from './commands.js';
import type { MasterEvent } from './events.js';
import type { Fleet, Milliseconds } from './fleet.js';

export interface StepRecord {
  readonly event: MasterEvent;
  readonly at: Milliseconds;
  readonly before: Fleet;
  readonly after: Fleet;
  readonly commands: readonly MasterCommand[];
  readonly notices: readonly Notice[];
}
