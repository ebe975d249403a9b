// Lines of workers as `--output prefix` shows them. Pure.
import { sanitizeLine } from '../text/sanitize.js';
import type { OutputLine } from './line-splitter.js';

const NEWLINE = Buffer.from('\n');
const RESET_NEWLINE = Buffer.from('\x1b[0m\n');
const ESC = 0x1b;
/** SGR codes that are readable on black and on white. Red is missing because it stands for errors. */
const COLORS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** Which worker wrote a line. */
export interface WorkerLabel {
  /** The name of the instance. */
  readonly name: string;
  readonly slot: number;
  readonly generation: number;
  readonly pid: number;
}

export interface LineStyle {
  readonly isTerminal: boolean;
  readonly colors: boolean;
}

/** Returns what is written for a line. Only a terminal obeys control characters: elsewhere the bytes stay as they are. */
export function createPrefixFormat(
  label: WorkerLabel,
  { isTerminal, colors }: LineStyle,
): (line: OutputLine) => Buffer {
  const first = Buffer.from(linePrefix(label, colors, false));
  const further = Buffer.from(linePrefix(label, colors, true));
  return ({ bytes, isContinuation }) => {
    const prefix = isContinuation ? further : first;
    const shown = isTerminal ? Buffer.from(sanitizeLine(bytes.toString())) : bytes;
    // The colours of the line must not reach into the next prefix.
    const end = colors && !isTerminal && bytes.includes(ESC) ? RESET_NEWLINE : NEWLINE;
    return Buffer.concat([prefix, shown, end]);
  };
}

/** `web.1 g3 | `, or `web.1 g3 + ` before the rest of a line that was too long. Each slot has its colour. */
export function linePrefix(
  { name, slot, generation }: WorkerLabel,
  colors: boolean,
  isContinuation: boolean,
): string {
  const text = `${name}.${slot} g${generation} ${isContinuation ? '+' : '|'}`;
  if (!colors) return `${text} `;
  return `\x1b[${COLORS[(slot - 1) % COLORS.length]}m${text}\x1b[0m `;
}
