// What `dev` itself writes, in whole lines.

import { formatHostPort } from '../text/address.js';
import { oneLine } from '../text/sanitize.js';
import { COMMANDS_HELP, COMMANDS_LINE } from './commands-help.js';
import type { DevLine } from './fleet-lines.js';

const LABEL = 10;
const BOLD = '1';
const DIM = '2';
const RED = '31';
const GREEN = '32';
const CYAN = '36';
const COLOR_OF = { ok: GREEN, failed: RED, note: DIM } as const;
const MARK_OF = { ok: '▸', failed: '✗', note: '·' } as const;

export interface TerminalStyle {
  readonly colors: boolean;
  /** Whether clearing the screen works. */
  readonly sequences: boolean;
}

/** Of a socket. */
export interface Address {
  /** As `describeSocket` writes it. */
  readonly text: string;
  readonly host: string | null;
  readonly port: number | null;
}

export function createView(write: (text: string) => void, style: TerminalStyle) {
  const paint = (code: string, text: string) =>
    style.colors ? `\x1b[${code}m${text}\x1b[0m` : text;
  const labelled = (label: string, text: string) => `${paint(DIM, label.padEnd(LABEL))}${text}\n`;

  const address = (one: Address) => paint(CYAN, oneLine(urlOf(one) ?? one.text));
  /** Several lines as they are, and empty ones around them. */
  const block = (text: string) => write(`\n${text}\n\n`);

  return {
    /** `isReading`: whether commands are read from the terminal. */
    banner(name: string, version: string, isReading: boolean): void {
      const title = paint(BOLD, `graceful-run ${version}`);
      const commands = isReading ? labelled('commands', COMMANDS_LINE) : '';
      write(`${title}  ${oneLine(name)}\n${commands}`);
    },
    /** A line of the banner. */
    entry: (label: string, text: string) => write(labelled(label, oneLine(text))),
    serving(addresses: readonly Address[]): void {
      const lines = addresses.map((one, i) => labelled(i === 0 ? 'serving' : '', address(one)));
      write(lines.join(''));
    },
    line({ mark, text, details = [] }: DevLine): void {
      const shown = mark === 'note' ? paint(DIM, oneLine(text)) : oneLine(text);
      const more = details.map((detail) => `    ${oneLine(detail)}\n`);
      write(`${paint(COLOR_OF[mark], MARK_OF[mark])} ${shown}\n${more.join('')}`);
    },
    block,
    help: () => block(COMMANDS_HELP),
    clear(): void {
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
