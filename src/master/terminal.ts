// Joins the terminal of `dev` to the master: what happens is told there, and keys are told here.

import type { Log } from '../log/log.js';
import { statusTable } from '../status/status-table.js';
import type { StatusReport } from '../status-report.js';
import { createTerminal, type Terminal, type TerminalOptions } from '../terminal/terminal.js';
import type { Master } from './master.js';

export function openTerminal(
  options: Omit<TerminalOptions, 'input' | 'output'>,
  tell: Master['tell'],
  takeStatus: () => Promise<StatusReport>,
): Terminal {
  return createTerminal(
    { ...options, input: 0, output: process.stdout },
    {
      reload: () => tell({ type: 'reload' }),
      stop: () => tell({ type: 'stop' }),
      stopNow: () => tell({ type: 'stop', now: true }),
      status: async () => statusTable(await takeStatus()),
    },
  );
}

/** Warnings that are no transitions, where the log is silent: the story is told by the terminal anyway. */
export function withNotes(log: Log, note: (text: string) => void): Log {
  if (log.isLevelEnabled('warn')) return log;
  const noting = (first: string | object, text?: string) => note(text ?? String(first));
  return { ...log, warn: noting };
}
