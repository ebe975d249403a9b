// The last lines of a worker, for the message that tells why it failed.
import { stripControls } from '../text/sanitize.js';

const MAX_LINES = 20;
const MAX_LENGTH = 500;
/** A character of UTF-8 has at most four bytes. */
const MAX_BYTES = 4 * MAX_LENGTH;

export interface Tail {
  add(line: Buffer): void;
  /** The last lines in their order, without colours; a long line is cut. */
  lines(): string[];
}

export function createTail(): Tail {
  const lines: Buffer[] = [];
  return {
    add(line) {
      // A copy, as `line` is a part of a larger buffer that it would keep in memory.
      lines.push(Buffer.from(line.subarray(0, MAX_BYTES)));
      if (lines.length > MAX_LINES) lines.shift();
    },
    lines: () => lines.map((line) => stripControls(line.toString('utf8')).slice(0, MAX_LENGTH)),
  };
}
