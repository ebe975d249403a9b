// The terminal of `dev`: a banner, one line for each reload, and commands where there is a terminal to type them at.
import { isatty } from 'node:tty';
import type { Event } from '../core/events.js';
import { type Fleet, phaseOf } from '../core/fleet.js';
import type { StepRecord } from '../core/step-record.js';
import { describeError } from '../errors.js';
import type { Log } from '../log/logger.js';
import {
  flush,
  limitReached,
  MASTER_EXIT_MS,
  openStandardOutputs,
} from '../output/standard-outputs.js';
import type { RunOptions } from '../run-options.js';
import type { StatusReport } from '../status/report-types.js';
import { statusTable } from '../status/table.js';
import { wantsColors } from '../text/colors.js';
import { createFleetLines } from './fleet-lines.js';
import type { TerminalWatch } from './terminal-closed.js';
import { readTerminalLines, type TerminalLines } from './typed-lines.js';
import { type Address, createView } from './view.js';

type DevOptions = Pick<RunOptions, 'name' | 'version' | 'cwd' | 'env' | 'output'>;

export interface TerminalSources {
  /** What is watched; asked for when a generation serves, or the first one has failed. */
  watching(): string;
  /** Where debuggers listen; asked for again and again. */
  debuggers(): readonly string[];
  /** Where clients are served; asked for again and again. */
  addresses(): readonly Address[];
  status(): Promise<StatusReport>;
  /** Resolves when the last lines of a worker that has ended are written; never rejects. */
  outputEnded(worker: number): Promise<unknown>;
}

/** Shows the banner at once. */
export function openTerminal(
  options: DevOptions,
  sources: TerminalSources,
  terminalWatch: TerminalWatch,
  tell: (event: Event) => void,
) {
  const outlets = openStandardOutputs();
  // With `--output json` stdout holds nothing but records, and the text for people goes to stderr.
  const [output, fd] = options.output === 'json' ? [outlets.stderr, 2] : [outlets.stdout, 1];
  const isTerminal = isatty(fd);
  const view = createView((text) => output.write(text), {
    colors: wantsColors(options.env, isTerminal),
    sequences: isTerminal && options.env.TERM !== 'dumb',
  });
  /** Shows what is not about the fleet. */
  const note = (text: string) => view.line({ mark: 'note', text });
  let lines: TerminalLines | null = null;
  const stopHint = () => (lines?.isReading() ? '; Ctrl-C or q + enter again to stop at once' : '');
  const fleetLines = createFleetLines(options.cwd, stopHint);
  let fleet: Fleet | null = null;
  /** The parts of the banner, as they were shown last. */
  const shown = new Map<string, string>();

  const commands: ReadonlyMap<string, () => void> = new Map([
    ['r', reload],
    // As users of nodemon type it.
    ['rs', reload],
    ['s', () => void showStatus()],
    ['c', view.clear],
    ['h', view.help],
    ['?', view.help],
    ['q', () => tell({ type: 'stop' })],
  ]);

  function reload(): void {
    if (fleet && fleet.lifecycle.state !== 'running') note('stopping; no reload');
    else tell({ type: 'reload' });
  }

  async function showStatus(): Promise<void> {
    try {
      view.block(statusTable(await sources.status()));
    } catch (error) {
      note(describeError(error));
    }
  }

  function onLine(line: string): void {
    const word = line.trim();
    if (word === '') return;
    const command = commands.get(word);
    if (command) command();
    else note(`'${word}' is not a command; press h + enter for help`);
  }

  function onEndOfInput(): void {
    if (!terminalWatch.onEndOfInput()) tell({ type: 'stop' });
  }

  /** Shows a part of the banner if it is not empty and was not shown like this last. */
  function showPart(label: string, text: string, show: () => void): void {
    if (text !== '' && text !== shown.get(label)) show();
    shown.set(label, text);
  }

  function showDebuggers(): void {
    const text = sources.debuggers().join(', ');
    showPart('debugger', text, () => view.entry('debugger', text));
  }

  /** To be called when what was decided in a step is done: a rollout may close sockets. */
  function showPlace(rolledOut: boolean): void {
    const isFirst = !shown.has('serving');
    const addresses = sources.addresses();
    const text = addresses.map((address) => address.text).join('\n');
    showPart('serving', text, () => view.serving(addresses));
    showDebuggers();
    if (!isFirst && !rolledOut) return;
    const watching = sources.watching();
    showPart('watching', watching, () => view.entry('watching', watching));
  }

  if (isatty(0) && isTerminal) lines = readTerminalLines(onLine, onEndOfInput);
  view.banner(options.name, options.version, lines?.isReading() ?? false);

  let pending = Promise.resolve();

  /** Calls `show` when what was to be shown before is shown, and after the last output of the worker, if one has ended. */
  function showInOrder(ended: number | null, show: () => void): void {
    const output = ended === null ? null : sources.outputEnded(ended);
    pending = pending.then(async () => {
      await output;
      show();
    });
  }

  /** Reads no more commands; resolves when all lines are on their way to the terminal. */
  function close(): Promise<void> {
    lines?.close();
    return pending;
  }

  return {
    /** The output of the workers goes there as well. */
    outlets,
    note,
    observe(record: StepRecord): void {
      fleet = record.after;
      const { event } = record;
      const told = fleetLines(record);
      // What a worker printed about its end comes before the line about it.
      const ended = event.type === 'exited' && told.length > 0 ? event.worker : null;
      const phase = phaseOf(fleet);
      const settled = phase === 'waiting' || phase === 'serving' || phase === 'rolling out';
      const rolledOut = record.notices.some(({ type }) => type === 'rolledOut');
      showInOrder(ended, () => {
        for (const line of told) view.line(line);
        if (settled) showPlace(rolledOut);
      });
    },
    /** One debugger more listens. One line for all: where one is missing, it comes when the workers serve. */
    debuggerListens(): void {
      if (sources.debuggers().length >= (fleet?.workersWanted ?? 1)) showDebuggers();
    },
    close,
    /** Closes it, and resolves when all is written, or when it cannot be written in time. */
    async end(): Promise<void> {
      await close();
      await flush(outlets, limitReached(outlets, MASTER_EXIT_MS));
    },
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
