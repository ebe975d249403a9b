// Finds the program that a command names, as execvp(3) would, so that its absence has a clear message.
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { EXIT } from '../errors.js';
import { quote } from '../text/shell-quote.js';

export type Found =
  | { readonly file: string }
  | { readonly reason: string; readonly status: number };

/** `#!/usr/bin/node`, `#!/usr/bin/env node`, `#!/usr/bin/env -S A=1 node --flag`; no directory of that name. */
const NODE_LINE = /^#!\s*(\S*\/env\s+((-\S+|\w+=\S*)\s+)*)?(\S*\/)?node(js)?(\s|$)/;

/** Where execvp(3) looks when there is no PATH. */
export const searchPath = ({ PATH }: NodeJS.ProcessEnv): string => PATH ?? '/usr/bin:/bin';

/** Looks in `cwd` for a name with a slash, else along `path`. */
export function findCommand(command: string, path: string, cwd: string): Found {
  const candidates = command.includes('/')
    ? [resolve(cwd, command)]
    : path.split(':').map((directory) => join(resolve(cwd, directory), command));
  let reason = `command not found: ${command}`;
  let status: number = EXIT.notFound;
  for (const file of candidates) {
    const problem = problemWith(file);
    if (problem === null) return { file };
    if (problem === 'absent') continue;
    reason = `${command}: ${problem}`;
    status = EXIT.notExecutable;
  }
  return { reason, status };
}

/** What was probably meant by a word that is no command, but a file here that Node runs; null where it is not. */
export function nodeCommand(word: string, args: readonly string[], cwd: string): string | null {
  if (!/\.[cm]?[jt]s$/.test(word) || !isFile(resolve(cwd, word))) return null;
  const script = word.startsWith('-') ? `./${word}` : word;
  return [...nodeFor(word), ...[script, ...args].map(quote)].join(' ');
}

/** Node, with what it needs to run a file of this name. */
export function nodeFor(script: string): string[] {
  const isTyped = /\.[cm]?tsx?$/.test(script);
  const canStrip = Boolean((process.features as { typescript?: unknown }).typescript);
  return isTyped && !canStrip ? ['node', '--import', 'tsx'] : ['node'];
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function problemWith(file: string): string | null {
  try {
    const found = statSync(file);
    if (found.isDirectory()) return 'is a directory';
    accessSync(file, constants.X_OK);
    return problemWithInterpreter(file);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'is not executable' : 'absent';
  }
}

/** execve(2) says ENOENT for a script without its interpreter, and a shell then calls the script missing. */
function problemWithInterpreter(file: string): string | null {
  const interpreter = /^#!\s*(\/\S*)/.exec(firstLineOf(file) ?? '')?.[1];
  if (!interpreter || existsSync(interpreter)) return null;
  return `its interpreter ${interpreter} is not there`;
}

/** True when the program is Node itself or a script whose first line names it. */
export function runsNode(file: string): boolean {
  try {
    const real = realpathSync(file);
    if (/^node(js)?$/.test(basename(real))) return true;
    return NODE_LINE.test(firstLineOf(real) ?? '');
  } catch {
    return false;
  }
}

/** Null for a program that may be run but not read. */
function firstLineOf(file: string): string | null {
  let fd: number | null = null;
  try {
    fd = openSync(file, 'r');
    const buffer = Buffer.alloc(128);
    const length = readSync(fd, buffer, 0, buffer.length, 0);
    return buffer.toString('latin1', 0, length).split('\n', 1)[0] ?? '';
  } catch {
    return null;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
