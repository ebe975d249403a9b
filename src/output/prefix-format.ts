// Lines of workers as `--output prefix` shows them. Pure.
import { sanitizeLine } from '../text/sanitize.js';
import type { OutputLine } from './line-splitter.js';

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

/**
 * `web.1 g3 | ` and the line, or `web.1 g3 + ` and the rest of a line that was too long. Each slot has its colour. Only a
 * terminal obeys control characters: elsewhere the bytes of the line stay as they are.
 */
export function formatPrefixed(
  { bytes, isContinuation }: OutputLine,
  { name, slot, generation }: WorkerLabel,
  { isTerminal, colors }: LineStyle,
): Buffer {
  const text = `${name}.${slot} g${generation} ${isContinuation ? '+' : '|'}`;
  // It begins with a reset (0): the colours of the line before must not reach into it.
  const prefix = colors ? `\x1b[0;${COLORS[(slot - 1) % COLORS.length]}m${text}\x1b[0m` : text;
  const shown = isTerminal ? Buffer.from(sanitizeLine(bytes.toString())) : bytes;
  return Buffer.concat([Buffer.from(`${prefix} `), shown, Buffer.from('\n')]);
}
