// Lets the kernel kill a worker when the master dies, however that happens (PR_SET_PDEATHSIG, prctl(2)). Where setpriv
// of util-linux 2.33 or newer is missing, the preload instead ends the worker when its channel to the master closes.
import { readFileSync } from 'node:fs';
import { findCommand, searchPath } from './find-command.js';

/**
 * The program and arguments to put before a command; empty if there is no such program. The setpriv of busybox and of
 * older versions does not have the option. Its file is searched for the word, because running it would take longer than
 * the rest of the start.
 */
export function parentDeathSignal(env: NodeJS.ProcessEnv): string[] {
  const found = findCommand('setpriv', searchPath(env), '/');
  if (!('file' in found)) return [];
  try {
    const hasOption = readFileSync(found.file).includes('pdeathsig');
    return hasOption ? [found.file, '--pdeathsig', 'KILL'] : [];
  } catch {
    return [];
  }
}
