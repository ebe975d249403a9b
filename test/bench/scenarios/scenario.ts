// A scenario: what it is given, and what it gives back.
import type { Peer } from '../peers/peer.js';
import type { Report } from '../report/report.js';

export interface Context {
  /** The chosen peers that are installed, in the order of the tables; graceful-run and bare node among them. */
  readonly peers: readonly Peer[];
  /** Only to see that the harness works: as few rounds and as little time as possible; the figures say nothing. */
  readonly quick: boolean;
  /** Progress, for the person who waits. */
  say(line: string): void;
}

export interface Scenario {
  /** As it is typed: `npm run bench -- reload`. */
  readonly name: string;
  /** One line for the help. */
  readonly about: string;
  run(context: Context): Promise<Report>;
}
