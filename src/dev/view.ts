// What `dev` itself writes, in whole lines. The lines of the banner are cut to 80 columns, and to fewer on a narrow
// terminal.

import { formatHostPort } from '../text/address.js';
import type { TerminalStyle } from '../text/colors.js';
import { oneLine } from '../text/sanitize.js';
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

/** Of a socket. */
export interface Address {
  /** As `describeSocket` writes it. */
  readonly text: string;
  readonly host: string | null;
  readonly port: number | null;
}

export interface DevView {
  banner(banner: Banner): void;
  /** A line of the banner. */
  entry(label: string, text: string): void;
  serving(addresses: readonly Address[]): void;
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

  function address(one: Address): string {
    const url = urlOf(one);
    const text = paint(CYAN, cut(oneLine(url ?? one.text), room() - LABEL));
    return url !== null && style.sequences ? `\x1b]8;;${url}\x1b\\${text}\x1b]8;;\x1b\\` : text;
  }

  return {
    banner({ name, version, isReading }) {
      const title = `graceful-run ${version}`;
      const rest = cut(`  ${oneLine(name)}`, room() - title.length);
      const commands = isReading ? labelled('commands', cut(COMMANDS_LINE, room() - LABEL)) : '';
      write(`${paint(BOLD, title)}${rest}\n${commands}`);
    },
    entry: (label, text) => write(labelled(label, cut(oneLine(text), room() - LABEL))),
    serving(addresses) {
      const lines = addresses.map((one, i) => labelled(i === 0 ? 'serving' : '', address(one)));
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

/** The address as one can open it in a browser; null for what has no port. */
function urlOf({ host, port }: Address): string | null {
  if (port === null) return null;
  // What listens everywhere is reached here; 0.0.0.0 is not to be connected to.
  const name = host === null || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const scheme = port === 443 ? 'https' : 'http';
  return `${scheme}://${formatHostPort(name, port).replace(/:(?:80|443)$/, '')}`;
}

/** The width in columns; it may overestimate. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += (char.codePointAt(0) ?? 0) < 0x1100 || char === '…' ? 1 : 2;
  return width;
}
