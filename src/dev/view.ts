// What `dev` itself writes, in whole lines. The lines of the banner are cut to 80 columns, and to fewer on a narrow
// terminal.

import type { TerminalStyle } from '../text/colors.js';
import { oneLine } from '../text/sanitize.js';
import { urlOf } from './address.js';
import { COMMANDS_HELP, COMMANDS_LINE } from './commands.js';
import type { DevLine } from './fleet-lines.js';

const WIDTH = 80;
const LABEL = 10;
const BOLD = '1';
const DIM = '2';
const RED = '31';
const GREEN = '32';
const CYAN = '36';
const COLOR_OF = { ok: GREEN, failed: RED, note: DIM } as const;
const UNICODE = { ok: '▸', failed: '✗', note: '·', more: '…' };
const ASCII = { ok: '>', failed: 'x', note: '-', more: '...' };

export interface Banner {
  readonly name: string;
  readonly version: string;
  /** Whether commands are read from the terminal. */
  readonly isReading: boolean;
}

export interface DevView {
  banner(banner: Banner): void;
  watching(what: string): void;
  debuggers(where: string): void;
  /** As `describeSocket` calls them. */
  serving(addresses: readonly string[]): void;
  line(line: DevLine): void;
  /** Several lines as they are, and empty ones around them. */
  block(text: string): void;
  help(): void;
  clear(): void;
}

/** `columns` gives the present width, undefined where there is none. */
export function createView(
  write: (text: string) => void,
  columns: () => number | undefined,
  style: TerminalStyle,
): DevView {
  const marks = style.unicode ? UNICODE : ASCII;
  const paint = (code: string, text: string) =>
    style.colors ? `\x1b[${code}m${text}\x1b[0m` : text;

  function cut(text: string, room: number): string {
    if (widthOf(text) <= room) return text;
    const short = [...text];
    while (short.length > 0 && widthOf(short.join('')) + marks.more.length > room) short.pop();
    return short.join('') + marks.more;
  }

  const room = () => Math.min(columns() || WIDTH, WIDTH);
  const labelled = (label: string, text: string) => `${paint(DIM, label.padEnd(LABEL))}${text}\n`;

  function address(text: string): string {
    const url = urlOf(text);
    const shown = paint(CYAN, cut(oneLine(url ?? text), room() - LABEL));
    return url !== null && style.sequences ? `\x1b]8;;${url}\x1b\\${shown}\x1b]8;;\x1b\\` : shown;
  }

  return {
    banner({ name, version, isReading }) {
      const title = `graceful-run ${version}`;
      const rest = cut(`  ${oneLine(name)}`, room() - title.length);
      write(
        [
          `${paint(BOLD, title)}${rest}\n`,
          ...(isReading ? [labelled('commands', cut(COMMANDS_LINE, room() - LABEL))] : []),
        ].join(''),
      );
    },
    watching: (what) => write(labelled('watching', cut(oneLine(what), room() - LABEL))),
    debuggers: (where) => write(labelled('debugger', cut(oneLine(where), room() - LABEL))),
    serving(addresses) {
      const lines = addresses.map((text, i) => labelled(i === 0 ? 'serving' : '', address(text)));
      write(lines.join(''));
    },
    line({ mark, text, details = [] }) {
      const shown = mark === 'note' ? paint(DIM, oneLine(text)) : oneLine(text);
      const more = details.map((detail) => `    ${oneLine(detail)}\n`);
      write(`${paint(COLOR_OF[mark], marks[mark])} ${shown}\n${more.join('')}`);
    },
    block: (text) => write(`\n${text}\n\n`),
    help: () => write(`${COMMANDS_HELP}\n\n`),
    clear() {
      if (style.sequences) write('\x1b[2J\x1b[3J\x1b[H');
    },
  };
}

/** The width in columns; it may overestimate. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += (char.codePointAt(0) ?? 0) < 0x1100 || char === '…' ? 1 : 2;
  return width;
}
