// How long systemd waits for the service, and what it does when it fails: patience, but no end of it.

import { knows } from './key-versions.js';
import { type Line, line } from './render.js';
import type { UnitRequest } from './unit-input.js';

/** Seconds on top of what graceful-run allows itself: it should be the one that says what took too long. */
const MARGIN = 10;

export function limits({ systemd, timeouts, socketUnits }: UnitRequest): Line[] {
  const { start, drain, kill } = timeouts;
  const seconds = (ms: number) => Math.ceil(ms / 1000) + MARGIN;
  const backsOff = knows(systemd, 'RestartSteps');
  return [
    line(
      'TimeoutStartSec',
      seconds(2 * start + kill),
      `Start and reload: twice --start-timeout (the first worker alone, then the others; or a reload behind another), --kill-timeout, and ${MARGIN}s.`,
    ),
    line(
      'TimeoutStopSec',
      seconds(drain + kill),
      `--drain-timeout, --kill-timeout, and ${MARGIN}s. While it takes longer graceful-run asks for more.`,
    ),
    line(
      'WatchdogSec',
      30,
      'A master that hangs, also on a journal that nobody reads, is replaced with all its workers.',
    ),
    line(
      'Restart',
      'on-failure',
      'Crashed workers are replaced by the master; this is for the master.',
    ),
    line('RestartSec', backsOff ? 1 : 3),
    // The steps are counted since `systemctl start`, however long ago (RESTART_RESET= is of 258): not too far up.
    line('RestartSteps', 5, 'From there in five steps to one start in 10s.'),
    line('RestartMaxDelaySec', 10),
    // Socket units with waiting clients would start it again at once, and on and on.
    ...(socketUnits
      ? []
      : [line('RestartPreventExitStatus', 2, 'The command line is wrong, and will be next time.')]),
    line('OOMPolicy', 'continue', 'One worker killed for memory is replaced; the others serve on.'),
  ];
}
