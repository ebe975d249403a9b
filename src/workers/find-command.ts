// Finds the program that a command names, as execvp(3) would, so that a missing one is reported clearly.
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

/** Either the file to execute, or why there is none and the exit status that a shell would give. */
export type CommandLookup =
  | { readonly file: string }
  | { readonly reason: string; readonly status: number };

/** `#!/usr/bin/node`, `#!/usr/bin/env node`, `#!/usr/bin/env -S A=1 node --flag`; not a directory of that name. */
const NODE_LINE = /^#!\s*(\S*\/env\s+((-\S+|\w+=\S*)\s+)*)?(\S*\/)?node(js)?(\s|$)/;

/** Where execvp(3) looks when there is no PATH. */
export const searchPath = ({ PATH }: NodeJS.ProcessEnv): string => PATH ?? '/usr/bin:/bin';

/** Looks in `cwd` for a name with a slash, else along `path`, a list as in PATH that is relative to `cwd`. */
export function findCommand(command: string, path: string, cwd: string): CommandLookup {
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

/** execve(2) fails with ENOENT when the interpreter of a script is missing; a shell then reports the script. */
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

/** Null for a file that this user may execute but not read. */
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
