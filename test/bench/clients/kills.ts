// What a killed worker takes with it. Pure; moments by the shared clock.
import type { Records } from './records.js';

export interface Kill {
  readonly victim: number;
  /** When the signal was sent, and when the process was gone. */
  readonly at: number;
  readonly gone: number;
  /** The end of what is counted for it. */
  readonly until: number;
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

export function countKill(records: Records, { victim, at, gone, until }: Kill): KillCounts {
  let inHand = 0;
  let beyond = 0;
  records.due.forEach((due, i) => {
    const sent = due + (records.late[i] as number);
    const done = due + (records.took[i] as number);
    if (done <= at || sent >= until) return;
    const failed = records.outcome[i] !== 0;
    const pid = records.pid[i];
    if (pid === victim || (failed && pid === 0 && sent <= gone)) inHand += 1;
    else if (failed) beyond += 1;
  });
  return { inHand, beyond };
}
