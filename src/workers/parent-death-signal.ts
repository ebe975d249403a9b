// However the master dies, the kernel then kills the worker itself (PR_SET_PDEATHSIG, prctl(2)). Without setpriv
// of util-linux 2.33 or newer the preload notices that its channel closed.
import { readFileSync } from 'node:fs';
import { findCommand, searchPath } from './find-command.js';

/** Of a program in machine code, elf(5): a script may only speak of it. */
const ELF = Buffer.from('\x7fELF', 'latin1');

/**
 * Program and arguments to put before a command; empty without. Busybox and older versions have a setpriv without
 * that option: the program is asked by a look at its text, for to run it would take longer than all else here.
 */
export function dieWithMaster(env: NodeJS.ProcessEnv): string[] {
  const found = findCommand('setpriv', searchPath(env), '/');
  if (!('file' in found)) return [];
  try {
    const program = readFileSync(found.file);
    const knows = program.subarray(0, ELF.length).equals(ELF) && program.includes('pdeathsig');
    return knows ? [found.file, '--pdeathsig', 'KILL'] : [];
  } catch {
    return [];
  }
}
