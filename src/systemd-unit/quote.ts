// How values are written so that systemd reads back what was meant. The rules are systemd's own, not a
// shell's: systemd.service(5) "Command lines", systemd.syntax(7) "Quoting", systemd.unit(5) "Specifiers".
import { UsageError } from '../errors.js';

/** A command line: the program, which knows no variables, and its arguments, which do. */
export function commandLine(program: string, args: readonly string[]): string {
  return [listItem(program), ...args.map((arg) => listItem(arg.replaceAll('$', '$$$$')))].join(' ');
}

/** One of several values in a line, as in `ReadWritePaths=` and `Environment=`. */
export function listItem(text: string): string {
  const literal = text.replaceAll('%', '%%');
  if (/^[\w@%+=:,./$-]+$/.test(literal)) return literal;
  // Everything else in quotes, a lone `;` (the next command) and nothing at all included.
  return `"${literal.replace(/[\\"]/g, '\\$&').replace(/\p{Cc}/gu, escapeControl)}"`;
}

/** A value that is the whole rest of its line. Throws UsageError for one that no such line can hold. */
export function wholeValue(text: string, what: string): string {
  // Blanks at the end are cut, and a backslash there continues the line.
  if (/\p{Cc}|[\s\\]$/u.test(text)) {
    throw new UsageError(
      `${what} ${JSON.stringify(text)} cannot be written into a unit`,
      'no control characters, and neither a blank nor a backslash at the end',
    );
  }
  return text.replaceAll('%', '%%');
}

function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
