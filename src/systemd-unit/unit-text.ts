// The text of a unit file, and the quoting by which systemd reads values back unchanged. Its rules differ from those of a
// shell: systemd.service(5) "Command lines", systemd.syntax(7) "Quoting", systemd.unit(5) "Specifiers".
import { UsageError } from '../errors.js';
import type { UnitRequest } from './unit-input.js';

export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** Each line is `[Section]`, `Key=value`, `# comment`, or empty. A comment says why the line below it is there. */
export function unitFile(
  name: string,
  { version, systemd }: UnitRequest,
  lines: readonly string[],
): UnitFile {
  const header = `# ${name}, by graceful-run ${version} for systemd ${systemd}.`;
  return { name, text: `${[header, ...lines].join('\n')}\n` };
}

/** `lines` if the condition holds, else nothing. */
export function when(condition: boolean, ...lines: readonly string[]): readonly string[] {
  return condition ? lines : [];
}

/** A command line. systemd replaces variables in the arguments, not in the program. */
export function commandLine([program, ...args]: readonly [string, ...string[]]): string {
  return [listItem(program), ...args.map((arg) => listItem(arg.replaceAll('$', '$$$$')))].join(' ');
}

/** One of several values in a line, as in `ReadWritePaths=` and `Environment=`. */
export function listItem(text: string): string {
  const literal = text.replaceAll('%', '%%');
  if (/^[\w@%+=:,./$-]+$/.test(literal)) return literal;
  // Also a single `;`, which would begin another command, and an empty word.
  return `"${literal.replace(/[\\"]/g, '\\$&').replace(/\p{Cc}/gu, escapeControl)}"`;
}

/** A value that is the whole rest of its line; `what` names it. Throws UsageError for one that a line cannot contain. */
export function wholeValue(text: string, what: string): string {
  // systemd removes blanks at the end, and a backslash there continues the line.
  if (/^$|\p{Cc}|[\s\\]$/u.test(text)) {
    throw new UsageError(
      `${what} ${JSON.stringify(text)} cannot be written into a unit`,
      'write something, without control characters and with neither a blank nor a backslash at the end',
    );
  }
  return text.replaceAll('%', '%%');
}

function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
