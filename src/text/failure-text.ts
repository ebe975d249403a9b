// What a verdict comes down to in one line: the exception and its place, for somebody who has just seen its
// stack in the output of the worker. Pure.

const LONGEST = 160;
const ENDED = /^(?:exited with status \d+|was killed by \w+)(?: before it was ready)?: /;
/** A line that is nothing but `/srv/a.cjs:3`: Node puts it above code that cannot be parsed. */
const PLACE = /^((?:file:\/\/)?\/.*):(\d+)$/;
/** `    at f (file:///srv/a.mjs:3:7)`, `    at async /srv/my app/a.cjs:3:7 {`. */
const CALL = /^\s+at (?:async )?(?:.*? \()?((?:file:\/\/)?\/.*?):(\d+)(?::\d+)?\)?(?: \{)?$/;
/** Of Node, of a package, or of code that was made from text: nothing that a developer would repair. */
const FOREIGN_CALL = /[\s(]node:|\/node_modules\/|eval at /;
const THROWN = /^[\w$]*(?:Error|Exception)(?: \[\w+\])?(?::|$)/;
/** Of esbuild, and of what uses it: tsx, for one. The next line has the place and the error. */
const FAILED_BUILD = /^Error: (Transform|Build) failed with \d+ errors?:$/;
const FIRST_ERROR = /^(.+?):(\d+):\d+: ERROR: (.*)$/;
/** Around what was not even an exception Node puts a text of 200 letters. */
const REJECTION = /^(UnhandledPromiseRejection: ).* rejected with the reason "(.*?)(?:"\.)?$/;

export interface Short {
  /** The worker says so itself in its output: there it can be read in full. */
  readonly thrown: boolean;
  /** One line. */
  readonly text: string;
  readonly more: readonly string[];
}

/**
 * `SyntaxError: Unexpected token (lib/a.mjs:3)` for an exception, with its file as seen from `cwd`; any other reason as it
 * is, but with the generation left out of the name of the worker.
 */
export function shortReason(reason: string, cwd: string): Short {
  const told = reason.replace(/^(worker \d+) of generation \d+(?: \(pid \d+\))?/, '$1');
  const how = told.replace(/^worker \d+ /, '');
  const ended = ENDED.exec(how);
  if (!ended) {
    const [first = '', ...more] = told.split('\n');
    return { thrown: false, text: first, more };
  }
  const { message, file, line } = exceptionIn(how.slice(ended[0].length).split('\n'));
  const at = file === undefined ? '' : ` (${seenFrom(cwd, file)}:${line})`;
  return { thrown: true, text: `${cleared(message)}${at}`, more: [] };
}

interface Exception {
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: string | undefined;
}

function exceptionIn(lines: readonly string[]): Exception {
  const [first = '', second = ''] = lines;
  const [, what] = FAILED_BUILD.exec(first) ?? [];
  const [, source, at, problem] = FIRST_ERROR.exec(second) ?? [];
  if (what && source) return { message: `${what} failed: ${problem}`, file: source, line: at };
  const place = second === '' ? null : PLACE.exec(first);
  if (place) return { message: messageBelow(lines), file: place[1], line: place[2] };
  const own = lines.filter((line) => !FOREIGN_CALL.test(line));
  const call = own.map((line) => CALL.exec(line)).find((one) => one !== null);
  return { message: first.replace(REJECTION, '$1$2'), file: call?.[1], line: call?.[2] };
}

/** Below the code, that is: under its carets, which are not always there, more code may follow. */
function messageBelow(lines: readonly string[]): string {
  const caret = lines.findIndex((line) => /^\s*\^+\s*$/.test(line));
  const below = lines.slice(Math.max(caret, 0) + 1);
  return below.find((line) => THROWN.test(line)) ?? below[0] ?? '';
}

/** Without the remark that is for readers of a log. */
function cleared(message: string): string {
  const text = message.replace(/ \(file and line are in the output of the worker\)$/, '');
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

function seenFrom(cwd: string, file: string): string {
  const path = file.startsWith('file://') ? decode(file.slice('file://'.length)) : file;
  return path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
