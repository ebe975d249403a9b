// How exceptions read: what Node and tools like tsx print, made shorter. Pure.
import { stripControls } from './sanitize.js';

const STACK_LINES = 3;
const LONGEST_MESSAGE = 160;
const SEE_OUTPUT = ' (file and line are in the output of the worker)';
/** A line that is nothing but `/srv/a.cjs:3`: Node puts it above code that cannot be parsed. */
const PLACE = /^((?:file:\/\/)?\/.*):(\d+)$/;
const CALL_LINE = /^\s+at /;
/** `    at f (file:///srv/a.mjs:3:7)`, `    at async /srv/my app/a.cjs:3:7 {`. */
const CALL = /^\s+at (?:async )?(?:.*? \()?((?:file:\/\/)?\/.*?):(\d+)(?::\d+)?\)?(?: \{)?$/;
/** Of Node, of a package, or of code that was made from text: not what a developer would repair. */
const FOREIGN_CALL = /[\s(]node:|\/node_modules\/|eval at /;
const THROWN = /^[\w$]*(?:Error|Exception)(?: \[\w+\])?(?::|$)/;
/** Of esbuild, and of tools that use it, such as tsx. The next line has the place and the error. */
const FAILED_BUILD = /^Error: (Transform|Build) failed with \d+ errors?:$/;
const FIRST_ERROR = /^(.+?):(\d+):\d+: ERROR: (.*)$/;
/** If the rejection value is not an exception, Node puts a text of 200 letters around it. */
const REJECTION = /^(UnhandledPromiseRejection: ).* rejected with the reason "(.*?)(?:"\.)?$/;

/**
 * The message of an exception and its first stack lines, those of the app before those of Node. A syntax error begins with
 * file, line and a code frame; all of that is kept. As plain text: it is shown on terminals, and compared with the last
 * lines of the worker.
 */
export function summarizeException(stack: string): string {
  const text = stripControls(stack);
  const lines = text.split('\n');
  const first = lines.findIndex((line) => CALL_LINE.test(line));
  if (first === -1) return text.trim();
  const message = lines.slice(0, first).filter((line) => line.trim() !== '');
  const calls = lines.slice(first).filter((line) => CALL_LINE.test(line));
  const own = calls.filter((line) => !/\(?node:/.test(line));
  // For a module that cannot be parsed, Node prints file and line but does not put them into the stack.
  if (own.length === 0 && message.length === 1 && message[0]?.startsWith('SyntaxError')) {
    return `${message[0]}${SEE_OUTPUT}`;
  }
  return [...message, ...firstCalls(own.length > 0 ? own : calls)].join('\n');
}

/** If the first calls are all in packages, the last of them is the first call of the app. */
function firstCalls(calls: readonly string[]): string[] {
  const app = calls.find((line) => !/\/node_modules\/|<anonymous>\)$/.test(line));
  const first = calls.slice(0, STACK_LINES);
  return app === undefined || first.includes(app) ? first : [...first.slice(0, -1), app];
}

/** A summarized exception in one line: its message and, where it can be told, its place as seen from `cwd`. */
export function locateException(exception: string, cwd: string): string {
  const { message, file, line } = parse(exception.split('\n'));
  const place = file === undefined ? '' : ` (${relativeTo(cwd, file)}:${line})`;
  return `${shorten(message)}${place}`;
}

interface Exception {
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: string | undefined;
}

function parse(lines: readonly string[]): Exception {
  const [first = '', second = ''] = lines;
  const [, what] = FAILED_BUILD.exec(first) ?? [];
  const [, source, at, problem] = FIRST_ERROR.exec(second) ?? [];
  if (what && source) return { message: `${what} failed: ${problem}`, file: source, line: at };
  const place = second === '' ? null : PLACE.exec(first);
  if (place) return { message: messageBelow(lines), file: place[1], line: place[2] };
  const own = lines.filter((line) => !FOREIGN_CALL.test(line));
  const call = own.map((line) => CALL.exec(line)).find((match) => match !== null);
  return { message: first.replace(REJECTION, '$1$2'), file: call?.[1], line: call?.[2] };
}

/** Below the code, which ends with a line of carets, if there is one. */
function messageBelow(lines: readonly string[]): string {
  const caret = lines.findIndex((line) => /^\s*\^+\s*$/.test(line));
  const below = lines.slice(Math.max(caret, 0) + 1);
  return below.find((line) => THROWN.test(line)) ?? below[0] ?? '';
}

function shorten(message: string): string {
  const text = message.endsWith(SEE_OUTPUT) ? message.slice(0, -SEE_OUTPUT.length) : message;
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 3)}...` : text;
}

function relativeTo(cwd: string, file: string): string {
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

/**
 * The lines of a failure and the last lines of the worker, without showing the exception twice. All can be shown on a
 * terminal if those of `output` can.
 */
export function withLastLines(reason: string, output: readonly string[]): string[] {
  const told = stripControls(reason).split('\n');
  const known = new Set(told.map((line) => line.trim()));
  const first = told[0] ?? '';
  let inException = false;
  const others = output.filter((line) => {
    const text = line.trim();
    if (text === '') return false;
    const isTold = known.has(text) || first.endsWith(`: ${text}`);
    // The reason has only the first calls of the stack.
    inException = isTold || (inException && CALL_LINE.test(line));
    return !inException;
  });
  if (others.length === 0) return told;
  return [...told, 'last lines of the worker:', ...others.map((line) => `  ${line}`)];
}
