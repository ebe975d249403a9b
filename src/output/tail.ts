// The last lines of a worker, for the message that tells why it failed.
import { stripControls } from '../text/sanitize.js';

const MAX_LINES = 20;
const MAX_LENGTH = 500;
/** A character of UTF-8 has at most four bytes. */
const MAX_BYTES = 4 * MAX_LENGTH;

export function addToTail(tail: Buffer[], line: Buffer): void {
  // A copy, as `line` is a part of a larger buffer that it would keep in memory.
  tail.push(Buffer.from(line.subarray(0, MAX_BYTES)));
  if (tail.length > MAX_LINES) tail.shift();
}

/** The lines in their order, without colours; a long line is cut. */
export function tailLines(tail: readonly Buffer[]): string[] {
  return tail.map((line) => stripControls(line.toString('utf8')).slice(0, MAX_LENGTH));
}
