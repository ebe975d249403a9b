// Reads env files. Node's own parser skips a line that it cannot read; here such a line is an error, because a release
// that lacks a variable should not serve.
import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describeError } from '../errors.js';

export type EnvFile =
  | { readonly variables: Readonly<Record<string, string>> }
  | { readonly problem: string };

/** An assignment, a comment or a blank line; several lines if the value is in quotes. Groups: name, value. */
const LINE =
  /[^\S\n]*(?:(?:export[^\S\n]+)?([A-Za-z_][\w.-]*)[^\S\n]*=[^\S\n]*((["'`])(?:(?!\3)[\s\S])*\3|(?!["'`])[^\n]*))?[^\S\n]*(?:#[^\n]*)?(?:\n|$)/gy;

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
    // A pipe can be read only once, and one without a writer would block the master.
    if (!statSync(path).isFile()) return { problem: ': is not a regular file' };
    const bytes = readFileSync(path);
    // The decoder removes a byte order mark.
    return isUtf8(bytes) ? parse(new TextDecoder().decode(bytes)) : { problem: ': is not UTF-8' };
  } catch (error) {
    return { problem: `: ${describeError(error)}` };
  }
}

function parse(text: string): EnvFile {
  const variables: Record<string, string> = {};
  let end = 0;
  for (const { 0: line, 1: name, 2: value = '', index } of text.matchAll(LINE)) {
    // One by one: in a whole file Node 20 takes the line after a blank line with spaces for a part of it.
    if (name !== undefined) variables[name] = parseEnv(`V=${value.trim()}\n`).V ?? '';
    end = index + line.length;
  }
  if (end === text.length) return { variables };
  const number = text.slice(0, end).split('\n').length;
  return {
    problem: `, line ${number}: is neither NAME=value, with complete quotes, nor a comment`,
  };
}
