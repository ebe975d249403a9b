// What killed workers take with them. Pure; moments by the shared clock.
import type { Records } from './records.js';

export interface Kill {
  readonly victim: number;
  /** When the signal was sent, and when the process was gone. */
  readonly at: number;
  readonly gone: number;
}

export interface KillCounts {
  /**
   * Sent before it was gone and not answered when it was killed; or sent on one of its connections, the end of
   * which the client had not seen yet.
   */
  readonly inHand: number;
  /** Failed without that: nobody took its place, or somebody else's work was lost. */
  readonly beyond: number;
}

/**
 * Of the requests that ended after the first kill and were due before `to`; each counts once, for the last kill
 * before its end. `kills`: in the order of time.
 */
export function countKills(records: Records, kills: readonly Kill[], to: number): KillCounts {
  let inHand = 0;
  let beyond = 0;
  records.due.forEach((due, i) => {
    const sent = due + (records.late[i] as number);
    const done = due + (records.took[i] as number);
    const kill = kills.findLast(({ at }) => at < done);
    if (!kill || due >= to) return;
    const failed = records.outcome[i] !== 0;
    const pid = records.pid[i];
    const held = kills.some(({ victim, at }) => victim === pid && at < done);
    if (held || (failed && pid === 0 && sent <= kill.gone)) inHand += 1;
    else if (failed) beyond += 1;
  });
  return { inHand, beyond };
}
