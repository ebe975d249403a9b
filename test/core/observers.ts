// The observers of a master, on the lives of the simulation: none may throw, and what they say must fit together.

import type { Fleet } from '../../src/core/fleet.js';
import type { StepRecord } from '../../src/core/step-record.js';
import { createFleetLines } from '../../src/dev/fleet-lines.js';
import { logFleet } from '../../src/log/fleet-log.js';
import type { Log } from '../../src/log/logger.js';
import { report, type StatusInput } from '../../src/status/report.js';
import { messagesFor, type StatusMessage } from '../../src/systemd/messages.js';
import { ensure } from './ask.js';

/** Of a datagram, as node-systemd-notify allows them; the manager takes no more. */
const LONGEST_STATUS_BYTES = 4096;

const statusInput: StatusInput = {
  ...{ name: 'app', pid: 1, version: '0', sockets: [] },
  ...{ connections: new Map(), statusTexts: new Map(), timeOfDay: (at) => at },
};

interface Observers {
  observe(record: StepRecord): void;
  /** The fleet is at rest: the manager has been told so. */
  checkRest(fleet: Fleet): void;
}

export function createObservers(): Observers {
  const write = (_: object | string, text?: string) =>
    ensure(text !== '', 'a line of the log has a text');
  const log: Log = {
    ...{ debug: write, info: write, warn: write, error: write },
    isLevelEnabled: () => true,
    open: () => undefined,
  };
  const logStep = logFleet(log);
  const linesFor = createFleetLines('/app', () => '');
  /** What the service manager was told last, apart from the text of its status. */
  let told: StatusMessage['kind'] | null = null;

  function checkMessage({ kind, status }: StatusMessage): void {
    ensure(Buffer.byteLength(status) <= LONGEST_STATUS_BYTES, 'a status fits into a datagram');
    ensure(!status.includes('\n'), 'a status is one line');
    if (kind === 'status') return;
    ensure(told !== 'stopping', 'after STOPPING comes nothing but STATUS');
    ensure(kind !== 'reloading' || told === 'ready', 'RELOADING follows READY');
    told = kind;
  }

  return {
    observe(record) {
      const { after } = record;
      for (const message of messagesFor(record)) checkMessage(message);
      const isReloading = after.serving !== null && after.rollout !== null;
      ensure(
        (told === 'reloading') === isReloading,
        'the manager knows whether a reload is under way',
      );
      logStep(record);
      for (const { text } of linesFor(record)) ensure(text !== '', 'a line of dev has a text');
      const { workers } = report(after, statusInput);
      ensure(workers.length === after.workers.length, 'the status shows every worker');
    },
    checkRest({ lifecycle, serving }) {
      if (lifecycle.state !== 'running')
        ensure(told === 'stopping', 'the manager knows of the stop');
      else if (serving !== null)
        ensure(told === 'ready', 'the manager knows that the fleet serves');
    },
  };
}
