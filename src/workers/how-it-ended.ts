// How the end of a worker reads in a verdict. Pure.
import { plain } from '../text/sanitize.js';

const STACK_LINES = 3;

/** `exited with status 1`, `was killed by SIGKILL`; a part of a sentence that begins with the worker. */
export function howItEnded(status: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exited with status ${status}` : `was killed by ${signal}`;
}

/**
 * The message of an exception and its first stack lines, those of the app before those of Node. A syntax
 * error begins with file, line and a code frame; all of that is kept. As plain text: it is shown on terminals, and
 * compared with the last lines of the worker.
 */
export function summarizeException(stack: string): string {
  const text = plain(stack);
  const lines = text.split('\n');
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  if (first === -1) return text.trim();
  const message = lines.slice(0, first).filter((line) => line.trim() !== '');
  const calls = lines.slice(first).filter((line) => /^\s+at /.test(line));
  const own = calls.filter((line) => !/\(?node:/.test(line));
  // Of a module that cannot be parsed, Node prints file and line but does not put them in the stack.
  if (own.length === 0 && message.length === 1 && message[0]?.startsWith('SyntaxError')) {
    return `${message[0]} (file and line are in the output of the worker)`;
  }
  return [...message, ...(own.length > 0 ? withTheApp(own) : calls.slice(0, STACK_LINES))].join(
    '\n',
  );
}

/** The first calls; behind packages that call each other, the last of them is the one where the app comes in. */
function withTheApp(calls: readonly string[]): string[] {
  const first = calls.slice(0, STACK_LINES);
  const app = calls.findIndex((line) => !/\/node_modules\/|<anonymous>\)$/.test(line));
  const call = calls[app];
  return app < STACK_LINES || call === undefined ? first : [...first.slice(0, -1), call];
}
