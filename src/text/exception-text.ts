// How exceptions read: what Node and tools like tsx print, made shorter. Pure.
import { stripControls } from './sanitize.js';

const MAX_CALLS = 3;
const CALL_LINE = /^\s+at /;
/** With the path of a file, as in `    at f (file:///srv/a.mjs:3:7)` and `    at async /srv/my app/a.cjs:3:7 {`. */
const CALL = /^\s+at (?:async )?(?:.*? \()?(?:file:\/\/)?(\/[^<]*?):(\d+)(?::\d+)?\)?(?: \{)?$/;
/** A line that is nothing but `/srv/a.cjs:3`: Node puts it above code that cannot be parsed. */
const PLACE_OF_CODE = /^(?:file:\/\/)?(\/.*):(\d+)$/;
/** What Node says of a rejected value that is not an error, before the value. */
const BOILERPLATE = / This error originated .* rejected with the reason /;
const THROWN = /^[\w$]*(?:Error|Exception)(?: \[\w+\])?(?::|$)/;

/**
 * The message of an exception and its first calls in files of the app: not those of Node and of packages, which are in the
 * output of the worker. A syntax error begins with file, line and a code frame; all of that is kept. As plain text: it is
 * shown on terminals.
 */
export function summarizeException(stack: string): string {
  const lines = stripControls(stack)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const first = lines.findIndex((line) => CALL_LINE.test(line));
  const message = first === -1 ? lines : lines.slice(0, first);
  const calls = lines.filter((line) => CALL.test(line) && !line.includes('/node_modules/'));
  return [...message, ...calls.slice(0, MAX_CALLS)].join('\n');
}

/** A summarized exception in one line: its message and, where it can be told, its place as seen from `cwd`. */
export function locateException(exception: string, cwd: string): string {
  const lines = exception.split('\n');
  const [first = '', second = ''] = lines;
  const code = PLACE_OF_CODE.exec(first);
  const thrown = (code && lines.find((line) => THROWN.test(line))) ?? first;
  const message = thrown.replace(BOILERPLATE, ' ');
  const calls = lines.map((line) => CALL.exec(line));
  const [, path = '', line] = code ?? calls.find((call) => call !== null) ?? [];
  const file = path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
  const place = file === '' ? '' : ` (${file}:${line})`;
  // esbuild and tsx put what is wrong into the next line.
  return `${message.endsWith(':') ? `${message} ${second.trim()}` : message}${place}`;
}

/**
 * The lines of a failure, or its first one and the last lines of the worker, among which an exception is in full. All can be
 * shown on a terminal if those of `output` can.
 */
export function withLastLines(reason: string, output: readonly string[]): string[] {
  const [first = '', ...more] = stripControls(reason).split('\n');
  const shown = output.filter((line) => line.trim() !== '').map((line) => `  ${line}`);
  return [first, ...(shown.length > 0 ? ['last lines of the worker:', ...shown] : more)];
}
