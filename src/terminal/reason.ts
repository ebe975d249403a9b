// What a verdict comes down to in one line: the exception and its place, for somebody who has just seen its
// stack in the output of the worker. Pure.

const LONGEST = 160;
const ENDED = /^(?:exited with status \d+|was killed by \w+)(?: before it was ready)?: /;
/** `file:///srv/a.mjs:3:7`, `/srv/a.cjs:3`, with or without a column. */
const PLACE = /((?:file:\/\/)?\/[^\s()]*?):(\d+)(?::\d+)?\)?(?: \{)?$/;

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
  const detail = how.slice(ended[0].length).split('\n');
  const caret = detail.findIndex((line) => /^\s*\^+\s*$/.test(line));
  const message = cleared(detail[caret + 1] ?? detail[0] ?? '');
  const place = caret === -1 ? detail.find((line) => /^\s+at /.test(line)) : detail[0];
  const where = PLACE.exec(place ?? '');
  const at = where ? ` (${seenFrom(cwd, where[1] ?? '')}:${where[2]})` : '';
  return { thrown: true, text: `${message}${at}`, more: [] };
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
