// Variables from files, by the rules of Node's own --env-file. That one skips what it cannot understand; here it
// is an error with its line, for a release that lacks a variable had better not serve.
import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describeError } from '../errors.js';

export type Variables = Readonly<Record<string, string>>;
export type EnvFile = { readonly variables: Variables } | { readonly problem: string };

/** To the end of the line. */
const NOTHING = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const NAME = /[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][\w.-]*)[^\S\n]*=[^\S\n]*/y;
/** There is no way to write a quote between quotes of its kind. */
const QUOTED = /(["'`]).*?\1/sy;
const PLAIN = /(?!["'`])[^\n]*/y;

/** Later files win. The problem names the file, and the line where there is one. */
export function readEnvFiles(paths: readonly string[]): EnvFile {
  const variables: Record<string, string> = {};
  for (const path of paths) {
    const read = readEnvFile(path);
    if ('problem' in read) return { problem: `env file ${path}${read.problem}` };
    Object.assign(variables, read.variables);
  }
  return { variables };
}

function readEnvFile(path: string): EnvFile {
  try {
    // A pipe can be read only once, and one that nobody writes to would hold up the master.
    if (!statSync(path).isFile()) return { problem: ': is no regular file' };
    return parse(readFileSync(path));
  } catch (error) {
    return { problem: `: ${describeError(error)}` };
  }
}

function parse(bytes: Buffer): EnvFile {
  if (!isUtf8(bytes)) return flaw(lineOfBadBytes(bytes), 'is not valid UTF-8');
  const text = new TextDecoder().decode(bytes);
  const nul = text.indexOf('\0');
  if (nul !== -1) return flaw(lineAt(text, nul), 'holds a NUL, which no variable can');
  return assignments(text);
}

function assignments(text: string): EnvFile {
  const variables: Record<string, string> = {};
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  while (at < text.length) {
    if (take(NOTHING)) continue;
    const line = lineAt(text, at);
    const [, name] = take(NAME) ?? [];
    if (name === undefined) return flaw(line, 'is neither NAME=value nor a comment');
    const plain = take(PLAIN);
    const [value] = plain ?? take(QUOTED) ?? [];
    if (value === undefined) return flaw(line, `has a ${text[at]} that is never closed`);
    // Each by itself: in a whole file Node mixes up what follows `A= ` or a blank line with spaces in it.
    variables[name] = parseEnv(`V=${value.trim()}\n`).V ?? '';
    if (!plain && !take(NOTHING)) {
      return flaw(lineAt(text, at), 'goes on after the closing quote');
    }
  }
  return { variables };
}

function flaw(line: number, problem: string): EnvFile {
  return { problem: `, line ${line}: ${problem}` };
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** In UTF-8 a line feed is never a part of another character. */
function lineOfBadBytes(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const end = bytes.indexOf('\n', start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  return line;
}
