// Joins the terminal of `dev` to the master: it shows what happens, and its commands become events.

import { isatty } from 'node:tty';
import type { Event } from '../core/events.js';
import { describeError } from '../errors.js';
import type { Log } from '../log/logger.js';
import {
  MASTER_EXIT_LIMITS,
  openStandardOutputs,
  type StandardOutputs,
  textWriter,
} from '../output/standard-outputs.js';
import type { RunOptions } from '../run-options.js';
import type { StatusReport } from '../status/report-types.js';
import { statusTable } from '../status/table.js';
import {
  createTerminal,
  type Terminal,
  type TerminalOptions,
  type TerminalOutput,
} from './terminal.js';
import type { TerminalWatch } from './terminal-closed.js';

export interface DevTerminal extends Terminal {
  /** The output of the workers goes there as well. */
  readonly outlets: StandardOutputs;
  /** Closes it, and resolves when all is written, or when it cannot be written in time. */
  end(): Promise<void>;
}

export function openTerminal(
  options: Omit<TerminalOptions, 'output'> & Pick<RunOptions, 'output'>,
  terminalWatch: Pick<TerminalWatch, 'onEndOfInput'> | null,
  tell: (event: Event) => void,
  takeStatus: () => Promise<StatusReport>,
): DevTerminal {
  const outlets = openStandardOutputs();
  const terminal = createTerminal(
    { ...options, output: outputFor(options.output, outlets) },
    {
      reload: () => tell({ type: 'reload' }),
      stop: () => tell({ type: 'stop' }),
      endOfInput() {
        if (!terminalWatch?.onEndOfInput()) tell({ type: 'stop' });
      },
      status: async () => statusTable(await takeStatus()),
    },
  );
  return {
    ...terminal,
    outlets,
    end() {
      terminal.close();
      return outlets.flushed(MASTER_EXIT_LIMITS);
    },
  };
}

/** With `--output json` stdout holds nothing but records, and the text for people goes to stderr. */
function outputFor(
  mode: RunOptions['output'],
  { stdout, stderr }: StandardOutputs,
): TerminalOutput {
  const [output, fd] = mode === 'json' ? [stderr, 2] : [stdout, 1];
  const isTerminal = isatty(fd);
  // Used for its width only: a write of Node to a terminal waits until it is read.
  const stream = isTerminal ? (fd === 1 ? process.stdout : process.stderr) : null;
  stream?.on('error', () => {});
  return {
    isTerminal,
    columns: () => stream?.columns,
    write: textWriter(output),
  };
}

/** The log, but with warnings and errors that its level suppresses as notes: the terminal shows transitions anyway. */
export function withNotes(log: Log, note: (text: string) => void): Log {
  const noting = (first: string | object, text?: string) => {
    const why = typeof first === 'object' && 'err' in first ? `: ${describeError(first.err)}` : '';
    note(`${text ?? first}${why}`);
  };
  const unless = (word: 'warn' | 'error') => (log.isLevelEnabled(word) ? log[word] : noting);
  return { ...log, warn: unless('warn'), error: unless('error') };
}
