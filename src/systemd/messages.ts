// What a step of the master means to the service manager: the datagrams of sd_notify(3), in order. Pure.

import type { Notice } from '../core/commands.js';
import { type Fleet, phaseOf } from '../core/fleet.js';
import type { StepRecord } from '../core/step-record.js';
import { describeFailure, describeStopReason } from '../text/failure-text.js';
import { summarizeFleet } from '../text/fleet-summary.js';

/** Characters: a status is one line on the screen of an operator. */
const LONGEST_REASON = 500;

/** One datagram, by the function of a notifier that sends it. */
export interface StatusMessage {
  readonly kind: 'ready' | 'reloading' | 'stopping' | 'status';
  readonly status: string;
}

const ENDS_OF_ROLLOUT: readonly Notice['type'][] = ['rolledOut', 'rolledBack', 'rolloutAbandoned'];

/**
 * READY when the first generation serves; RELOADING and READY around each rollout, also a failed one, or the unit would
 * stay "reloading" for ever (systemd issue 37515); STOPPING once; in between STATUS, when its text changes. A rollout
 * may end and the next one begin in the same step.
 */
export function messagesFor({ before, after, notices }: StepRecord): StatusMessage[] {
  const status = statusOf(after);
  const messages: StatusMessage[] = [];
  const isRunning = after.lifecycle.state === 'running';
  const hasEnded = notices.some(({ type }) => ENDS_OF_ROLLOUT.includes(type));
  const { rollout } = after;
  const hasBegun = rollout !== null && rollout.generation !== before.rollout?.generation;
  if (hasEnded && isRunning) messages.push({ kind: 'ready', status });
  if (hasBegun && after.serving !== null) messages.push({ kind: 'reloading', status });
  if (!isRunning && before.lifecycle.state === 'running') {
    messages.push({ kind: 'stopping', status });
  }
  if (messages.length === 0 && status !== statusOf(before))
    messages.push({ kind: 'status', status });
  return messages;
}

/** The manager waits for the end of this, which may rightly take longer than the unit says. */
export function isBusy(fleet: Fleet): boolean {
  const phase = phaseOf(fleet);
  return phase === 'starting' || phase === 'rolling out' || phase === 'stopping';
}

/** The line that `systemctl status` shows: the workers, and the last failure. */
export function statusOf(fleet: Fleet): string {
  const { lifecycle, lastReload, rollout } = fleet;
  if (lifecycle.state !== 'running') {
    const { reason } = lifecycle;
    if (reason.type !== 'requested') return `failed: ${oneLine(describeStopReason(reason))}`;
    return lifecycle.state === 'stopped' ? 'stopped' : `stopping: ${summarizeFleet(fleet)}`;
  }
  const summary = summarizeFleet(fleet);
  if (!lastReload?.failure || rollout) return summary;
  const failure = oneLine(describeFailure(lastReload.failure));
  return `${summary}; reload to generation ${lastReload.generation} failed: ${failure}`;
}

/** A newline would end the field, sd_notify(3). An exception has several lines; the log has all of them. */
function oneLine(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' | ');
  return line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON)}…` : line;
}
