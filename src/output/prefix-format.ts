// Lines as `--output prefix` shows them.
import { tame } from '../text/sanitize.js';
import type { Line } from './line-splitter.js';
import { prefixOf, type Speaker } from './styles.js';

const NEWLINE = Buffer.from('\n');
const RESET = Buffer.from('\x1b[0m');
const ESCAPE = 0x1b;

export interface Look {
  readonly isTerminal: boolean;
  readonly coloured: boolean;
}

/** The parts of each line. Only a terminal can be harmed: elsewhere the bytes are those that the worker wrote. */
export function prefixed(
  speaker: Speaker,
  { isTerminal, coloured }: Look,
): (line: Line) => Buffer[] {
  const first = Buffer.from(prefixOf(speaker, coloured, false));
  const further = Buffer.from(prefixOf(speaker, coloured, true));
  return ({ bytes, continued }) => {
    const prefix = continued ? further : first;
    if (isTerminal) return [prefix, tame(bytes), NEWLINE];
    // Its colours must not reach into the next prefix, where that has some.
    if (coloured && bytes.includes(ESCAPE)) return [prefix, bytes, RESET, NEWLINE];
    return [prefix, bytes, NEWLINE];
  };
}
