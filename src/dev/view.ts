// What `dev` itself writes: whole lines, each in one call. Clears nothing unless it
// is asked to. The banner never wraps: it is cut to 80 columns, and to fewer on a narrow terminal.
import { stripVTControlCharacters } from 'node:util';
import { urlOf } from './address.js';
import { COMMANDS_HELP, COMMANDS_LINE } from './commands.js';
import type { DevLine } from './fleet-lines.js';
import type { Style } from './style.js';

const WIDTH = 80;
const LABEL = 10;
const BOLD = '1';
const DIM = '2';
const RED = '31';
const GREEN = '32';
const CYAN = '36';
const COLOUR_OF = { ok: GREEN, failed: RED, note: DIM } as const;
const UNICODE = { ok: '▸', failed: '✗', note: '·', more: '…' };
const ASCII = { ok: '>', failed: 'x', note: '-', more: '...' };

export interface Banner {
  readonly name: string;
  readonly version: string;
  /** Whether commands are read from the terminal. */
  readonly isReading: boolean;
}

export interface Screen {
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
export function createScreen(
  write: (text: string) => void,
  columns: () => number | undefined,
  style: Style,
): Screen {
  const marks = style.unicode ? UNICODE : ASCII;
  const paint = (code: string, text: string) =>
    style.colours ? `\x1b[${code}m${text}\x1b[0m` : text;

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
    const shown = paint(CYAN, cut(plain(url ?? text), room() - LABEL));
    return url !== null && style.sequences ? `\x1b]8;;${url}\x1b\\${shown}\x1b]8;;\x1b\\` : shown;
  }

  return {
    banner({ name, version, isReading }) {
      const title = `graceful-run ${version}`;
      const rest = cut(`  ${plain(name)}`, room() - title.length);
      write(
        [
          `${paint(BOLD, title)}${rest}\n`,
          ...(isReading ? [labelled('commands', cut(COMMANDS_LINE, room() - LABEL))] : []),
        ].join(''),
      );
    },
    watching: (what) => write(labelled('watching', cut(plain(what), room() - LABEL))),
    debuggers: (where) => write(labelled('debugger', cut(plain(where), room() - LABEL))),
    serving(addresses) {
      const lines = addresses.map((one, i) => labelled(i === 0 ? 'serving' : '', address(one)));
      write(lines.join(''));
    },
    line({ mark, text, details = [] }) {
      const told = mark === 'note' ? paint(DIM, plain(text)) : plain(text);
      const more = details.map((one) => `    ${plain(one)}\n`);
      write(`${paint(COLOUR_OF[mark], marks[mark])} ${told}\n${more.join('')}`);
    },
    block: (text) => write(`\n${text}\n\n`),
    help: () => write(`${COMMANDS_HELP}\n\n`),
    clear() {
      if (style.sequences) write('\x1b[2J\x1b[3J\x1b[H');
    },
  };
}

/** Names of files and messages come from elsewhere, and must not steer the terminal. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed.
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** In columns; rather too many than too few. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += (char.codePointAt(0) ?? 0) < 0x1100 || char === '…' ? 1 : 2;
  return width;
}
