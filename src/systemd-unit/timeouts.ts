// How long systemd waits for the service, and what it does when the service fails.
import { knows, when } from './render.js';
import type { UnitRequest } from './unit-input.js';

/** Added to the limits of graceful-run, so that graceful-run is the one that reports what took too long. */
const MARGIN_S = 10;

export function timeouts({ systemd, timeouts, socketUnits }: UnitRequest): string[] {
  const { start, drain, kill } = timeouts;
  const seconds = (ms: number) => Math.ceil(ms / 1000) + MARGIN_S;
  return [
    `# Start and reload: twice --start-timeout (the first worker alone, then the others; or a reload behind another), --kill-timeout, and ${MARGIN_S}s.`,
    `TimeoutStartSec=${seconds(2 * start + kill)}`,
    `# --drain-timeout, --kill-timeout, and ${MARGIN_S}s. While it takes longer, graceful-run asks for more.`,
    `TimeoutStopSec=${seconds(drain + kill)}`,
    '# A master that hangs, for example on a journal that is not read, is replaced with all its workers.',
    'WatchdogSec=30',
    '# For the master; crashed workers are replaced by the master.',
    'Restart=on-failure',
    `RestartSec=${knows(systemd, 'RestartSteps') ? 1 : 3}`,
    // The steps are counted since `systemctl start`, however long ago that was, so the last delay is short.
    '# The delay grows in five steps to 10s.',
    'RestartSteps=5',
    'RestartMaxDelaySec=10',
    // With socket units, waiting clients would start it again at once, and again.
    ...when(
      !socketUnits,
      '# The command line is wrong, and will be wrong the next time.',
      'RestartPreventExitStatus=2',
    ),
    '# If the kernel kills one worker for memory, the others keep serving, and it is replaced.',
    'OOMPolicy=continue',
  ];
}
