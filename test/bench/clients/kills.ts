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
  /** Sent to it before it was gone, and not answered when it was killed. */
  readonly inHand: number;
  /** Failed although they were sent when it was gone: nobody took its place, or somebody else's work was lost. */
  readonly beyond: number;
}

/** A client learns of a closed connection when it next looks: what it sent until then, the dead one had. */
const UNNOTICED_MS = 10;

export function countKill(records: Records, { victim, at, gone, until }: Kill): KillCounts {
  let inHand = 0;
  let beyond = 0;
  records.due.forEach((due, i) => {
    const sent = due + (records.late[i] as number);
    const done = due + (records.took[i] as number);
    if (done <= at || sent >= until) return;
    const failed = records.outcome[i] !== 0;
    if (sent > gone + UNNOTICED_MS) beyond += failed ? 1 : 0;
    else if (failed || records.pid[i] === victim) inHand += 1;
  });
  return { inHand, beyond };
}
