// However the master dies, the kernel then kills the worker itself (PR_SET_PDEATHSIG, prctl(2)). Without setpriv
// of util-linux 2.33 or newer the preload notices that its channel closed.
import { readFileSync } from 'node:fs';
import { findCommand } from './find-command.js';

/**
 * Program and arguments to put before a command; empty without. Busybox and older versions have a setpriv without
 * that option: the program is asked by a look at its text, for to run it would take longer than all else here.
 */
export function dieWithMaster(path: string): string[] {
  const found = findCommand('setpriv', path, '/');
  if (!('file' in found)) return [];
  try {
    if (!readFileSync(found.file).includes('pdeathsig')) return [];
    return [found.file, '--pdeathsig', 'KILL'];
  } catch {
    return [];
  }
}
