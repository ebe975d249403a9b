// Joins the terminal of `dev` to the master: what happens is told there, and keys are told here.

import { isatty } from 'node:tty';
import type { Event } from '../core/fleet.js';
import { describeError } from '../errors.js';
import type { Log } from '../log/logger.js';
import {
  A_MOMENT,
  AT_THE_END,
  type Outlets,
  openOutlets,
  writerTo,
} from '../output/standard-outputs.js';
import type { RunOptions } from '../run-options.js';
import type { StatusReport } from '../status/report-types.js';
import { statusTable } from '../status/table.js';
import { createTerminal, type Paper, type Terminal, type TerminalOptions } from './terminal.js';
import type { Seat } from './terminal-closed.js';

export interface DevTerminal extends Terminal {
  /** For what the workers write as well. */
  readonly outlets: Outlets;
  /** Closes it, and resolves when all is written, or nobody reads it. */
  end(): Promise<void>;
}

export function openTerminal(
  options: Omit<TerminalOptions, 'input' | 'output'> & Pick<RunOptions, 'output'>,
  seat: Pick<Seat, 'leave'> | null,
  tell: (event: Event) => void,
  takeStatus: () => Promise<StatusReport>,
): DevTerminal {
  const outlets = openOutlets();
  const terminal = createTerminal(
    { ...options, input: 0, output: paperFor(options.output, outlets) },
    {
      reload: () => tell({ type: 'reload' }),
      stop: () => tell({ type: 'stop' }),
      stopNow: () => tell({ type: 'stop', now: true }),
      leave: () => seat?.leave(),
      status: async () => statusTable(await takeStatus()),
    },
  );
  return {
    ...terminal,
    outlets,
    end() {
      terminal.close();
      return outlets.flushed(AT_THE_END);
    },
  };
}

/** Where all of stdout is records, stderr is for people. */
function paperFor(mode: RunOptions['output'], { stdout, stderr, flushed }: Outlets): Paper {
  const [outlet, fd] = mode === 'json' ? [stderr, 2] : [stdout, 1];
  const isTerminal = isatty(fd);
  // For its width only: Node writes to a terminal without regard to whether anybody reads.
  const stream = isTerminal ? (fd === 1 ? process.stdout : process.stderr) : null;
  stream?.on('error', () => {});
  return {
    isTerminal,
    columns: () => stream?.columns,
    write: writerTo(outlet),
    flushed: () => flushed(A_MOMENT),
  };
}

/** What is no transition, where the log is silent: the story is told by the terminal anyway. */
export function withNotes(log: Log, note: (text: string) => void): Log {
  const noting = (first: string | object, text?: string) => {
    const why = typeof first === 'object' && 'err' in first ? `: ${describeError(first.err)}` : '';
    note(`${text ?? first}${why}`);
  };
  const unless = (word: 'warn' | 'error') => (log.isLevelEnabled(word) ? log[word] : noting);
  return { ...log, warn: unless('warn'), error: unless('error') };
}
