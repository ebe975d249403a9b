// What a turn of the master means to the service manager: the datagrams of sd_notify(3), in order. Pure.

import { type Action, type Fleet, phaseOf } from '../core/fleet.js';
import { census } from '../text/fleet-summary.js';

export interface SeenTurn {
  readonly before: Fleet;
  readonly after: Fleet;
  readonly actions: readonly Action[];
}

const LONGEST_REASON = 500;

/** One datagram. */
export interface Announcement {
  readonly kind: 'ready' | 'reloading' | 'stopping' | 'status';
  readonly status: string;
}

/**
 * READY when the first generation serves; RELOADING and READY around each roll out, also one that failed, or
 * the unit would stay "reloading" for ever (systemd issue 37515); STOPPING once; and in between STATUS, when
 * it reads differently. A roll out may end and the next one begin in the same turn.
 */
export function announcementsOf({ before, after, actions }: SeenTurn): Announcement[] {
  const status = statusOf(after);
  const said: Announcement[] = [];
  const stops = after.stop !== null && before.stop === null;
  const ended = actions.some(
    (one) => one.type === 'rolledOut' || one.type === 'rolledBack' || one.type === 'abandoned',
  );
  const begun = after.serving !== 0 && after.target !== 0 && after.target !== before.target;
  if (ended && !after.stop) said.push({ kind: 'ready', status });
  if (begun) said.push({ kind: 'reloading', status });
  if (stops) said.push({ kind: 'stopping', status });
  if (said.length === 0 && status !== statusOf(before)) said.push({ kind: 'status', status });
  return said;
}

/** The manager is waiting for the end of this; it may legitimately take longer than the unit says. */
export function isBusy(fleet: Fleet): boolean {
  const phase = phaseOf(fleet);
  return phase === 'starting' || phase === 'rolling out' || phase === 'stopping';
}

/** The line that `systemctl status` shows: the census, and what went wrong last. */
export function statusOf(fleet: Fleet): string {
  const { stop, lastReload } = fleet;
  if (stop && stop.status !== 0) return `failed: ${oneLine(stop.reason)}`;
  if (stop) return fleet.stopped ? 'stopped' : `stopping: ${census(fleet)}`;
  const now = census(fleet);
  if (lastReload === null || lastReload.ok || fleet.target !== 0) return now;
  const what = `reload to generation ${lastReload.generation} failed`;
  return `${now}; ${what}: ${oneLine(lastReload.reason ?? 'no reason given')}`;
}

/** A newline would end the field, sd_notify(3). An exception has several lines; the log has all of them. */
function oneLine(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' | ');
  return line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON)}…` : line;
}
