// The terminal of `dev`: a banner, one line for each reload, and commands where there is a terminal to type them at.
import { isatty } from 'node:tty';
import { type Fleet, phaseOf } from '../core/fleet.js';
import type { StepRecord } from '../core/step-record.js';
import { describeError } from '../errors.js';
import { terminalStyle } from '../text/colors.js';
import { parseCommand } from './commands.js';
import { createFleetLines } from './fleet-lines.js';
import { readTerminalLines, type TerminalLines } from './typed-lines.js';
import { createView } from './view.js';
import { createWaitingNotice } from './waiting-notice.js';

export interface TerminalOptions {
  readonly name: string;
  readonly version: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What is watched; asked for when a generation serves, or the first one has failed. */
  watching(): string;
  /** Where debuggers listen; asked for again and again. */
  debuggers(): readonly string[];
  /** As `describeSocket` calls them; asked for again and again. */
  addresses(): readonly string[];
  readonly output: TerminalOutput;
}

export interface TerminalOutput {
  readonly isTerminal: boolean;
  /** The present width; undefined for what is not a terminal. */
  columns(): number | undefined;
  /** Does not wait until the text is read. */
  write(text: string): void;
}

export interface TerminalActions {
  reload(): void;
  /** The first call stops gracefully, the second one at once. */
  stop(): void;
  /** Nothing more comes from the terminal: after Ctrl-D, or because it was closed. */
  endOfInput(): void;
  status(): Promise<string>;
}

export interface Terminal {
  observe(turn: StepRecord): void;
  /** What is no part of the story. */
  note(text: string): void;
  /** One debugger more listens. */
  debuggerListens(): void;
  close(): void;
}

export function createTerminal(options: TerminalOptions, actions: TerminalActions): Terminal {
  const { output, env } = options;
  const screen = createView(output.write, output.columns, terminalStyle(env, output.isTerminal));
  let lines: TerminalLines | null = null;
  let fleet: Fleet | null = null;
  /** Of the banner, as it was told last. */
  let served: string | null = null;
  let watched = '';
  let debugged = '';

  const note = (text: string) => screen.line({ mark: 'note', text });
  const stopHint = () => (lines?.isReading() ? '; Ctrl-C or q + enter again to stop at once' : '');
  const fleetLines = createFleetLines(options.cwd, stopHint);
  const waitingNotice = createWaitingNotice(note);

  function onLine(line: string): void {
    const command = parseCommand(line);
    switch (command) {
      case 'reload':
        return fleet && fleet.lifecycle.state !== 'running'
          ? note('stopping; no reload')
          : actions.reload();
      case 'status':
        return void actions.status().then(screen.block, (error) => note(describeError(error)));
      case 'clear':
        return screen.clear();
      case 'help':
        return screen.help();
      case 'quit':
        return actions.stop();
      case 'unknown':
        return note(`'${line.trim()}' is not a command; press h + enter for help`);
      case null:
        return;
      default:
        command satisfies never;
    }
  }

  /** When what was decided in this turn is done: a roll out may close sockets. */
  function showPlace(rolledOut: boolean): void {
    const addresses = options.addresses();
    const present = addresses.join('\n');
    const isFirst = served === null;
    if (present !== served && addresses.length > 0) screen.serving(addresses);
    served = present;
    showDebuggers();
    if (isFirst || rolledOut) showWatched();
  }

  function showWatched(): void {
    const present = options.watching();
    if (present !== watched) screen.watching(present);
    watched = present;
  }

  function showDebuggers(): void {
    const present = options.debuggers().join(', ');
    if (present !== debugged && present !== '') screen.debuggers(present);
    debugged = present;
  }

  if (isatty(0) && output.isTerminal) lines = readTerminalLines(onLine, actions.endOfInput);
  screen.banner({ ...options, isReading: lines?.isReading() ?? false });

  return {
    note,
    observe(turn) {
      fleet = turn.after;
      for (const line of fleetLines(turn)) screen.line(line);
      waitingNotice.observe(fleet);
      const phase = phaseOf(fleet);
      const settled = phase === 'waiting' || phase === 'serving' || phase === 'rolling out';
      const rolledOut = turn.notices.some(({ type }) => type === 'rolledOut');
      if (settled) queueMicrotask(() => showPlace(rolledOut));
    },
    // One line for all: where one is missing, it comes when the workers serve.
    debuggerListens() {
      if (options.debuggers().length >= (fleet?.workersWanted ?? 1)) showDebuggers();
    },
    close() {
      waitingNotice.close();
      lines?.close();
    },
  };
}
