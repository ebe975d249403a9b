// The last lines of a worker, for whoever has to hear why it failed.
import { plain } from '../text/sanitize.js';

const MOST = 20;
const LONGEST = 500;
/** Enough for the longest in any script, and for some colours. */
const MOST_BYTES = 4 * LONGEST;

export interface LastLines {
  add(line: Buffer): void;
  /** In their order, without colours. */
  list(): string[];
}

export function createLastLines(): LastLines {
  const lines: Buffer[] = [];
  return {
    add(line) {
      // A copy: a few bytes would keep all of what was read with them.
      lines.push(Buffer.from(line.subarray(0, MOST_BYTES)));
      if (lines.length > MOST) lines.shift();
    },
    list: () => lines.map((line) => plain(line.toString('utf8')).slice(0, LONGEST)),
  };
}
