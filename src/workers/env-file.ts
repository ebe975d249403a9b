// Reads env files, once for each generation. Node's own parser skips a line that it cannot read; here such a line is an
// error, because a release that lacks a variable should not serve.
import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { describeError } from '../errors.js';
import type { WorkersOptions } from './worker-options.js';

/** The problem names the file, and the line where there is one. */
type EnvFile = { readonly variables: NodeJS.ProcessEnv } | { readonly problem: string };

/** An assignment, a comment or a blank line; several lines if the value is in quotes. Groups: name, value. */
const LINE =
  /[^\S\n]*(?:(?:export[^\S\n]+)?([A-Za-z_][\w.-]*)[^\S\n]*=[^\S\n]*((["'`])(?:(?!\3)[\s\S])*\3|(?!["'`])[^\n]*))?[^\S\n]*(?:#[^\n]*)?(?:\n|$)/gy;

/**
 * Returns what gives the environment from which those of the workers of a generation are made: that of the master, which
 * wins, then the files, the last one first, then defaults. The files are read once for each generation, so that a
 * replacement gets what the first worker got. `serving` is the generation that serves, null for none: what was read for
 * others is forgotten.
 */
export function createEnvironments({
  env,
  suggest,
  envFiles,
  cwd,
}: Pick<WorkersOptions, 'env' | 'suggest' | 'envFiles' | 'cwd'>) {
  const files = new Map<number, EnvFile>();
  return (
    generation: number,
    serving: number | null,
  ): { readonly env: NodeJS.ProcessEnv } | { readonly problem: string } => {
    let read = files.get(generation);
    if (read === undefined) {
      read = readEnvFiles(envFiles.map((path) => resolve(cwd, path)));
      for (const other of files.keys()) if (other !== serving) files.delete(other);
      files.set(generation, read);
    }
    if ('problem' in read) return read;
    const given = { ...read.variables, ...env };
    return { env: { ...suggest(given), ...given } };
  };
}

function readEnvFiles(paths: readonly string[]): EnvFile {
  const variables: NodeJS.ProcessEnv = {};
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
  const variables: NodeJS.ProcessEnv = {};
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
