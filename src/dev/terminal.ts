// What the user of `dev` has before him: a banner, one line a reload, and keys where there is somebody to press them.
import { isatty } from 'node:tty';
import { type Fleet, phaseOf } from '../core/fleet.js';
import { describeError } from '../errors.js';
import { now } from '../linux/monotonic-clock.js';
import { type Command, createKeys } from './commands.js';
import { createStory, type SeenTurn } from './fleet-lines.js';
import { placeOnTerminal } from './foreground.js';
import { type Keyboard, openKeyboard } from './keyboard.js';
import { styleOf } from './style.js';
import { createScreen } from './view.js';
import { createPatience } from './waiting-notice.js';

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
  /** Descriptor from which keys are read, if it is a terminal; nothing is read from anything else. */
  readonly input: number;
  readonly output: Paper;
}

/** What is written on. */
export interface Paper {
  readonly isTerminal: boolean;
  /** Undefined for what has no width. */
  columns(): number | undefined;
  /** Never waits for whoever reads it. */
  write(text: string): void;
  /** Resolves when what was written can be seen, or nobody looks. */
  flushed(): Promise<void>;
}

export interface TerminalActions {
  reload(): void;
  /** Once: gracefully. Once more: at once. */
  stop(): void;
  stopNow(): void;
  /** The terminal is gone. */
  leave(): void;
  status(): Promise<string>;
}

export interface Terminal {
  observe(turn: SeenTurn): void;
  /** What is no part of the story. */
  note(text: string): void;
  /** One debugger more listens. */
  debuggerListens(): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

export function createTerminal(options: TerminalOptions, actions: TerminalActions): Terminal {
  const { output, env } = options;
  const screen = createScreen(output.write, output.columns, styleOf(env, output.isTerminal));
  const keys = createKeys();
  let keyboard: Keyboard | null = null;
  let fleet: Fleet | null = null;
  /** Of the banner, as it was told last. */
  let served: string | null = null;
  let watched = '';
  let debugged = '';
  let timer: NodeJS.Timeout | undefined;

  const note = (text: string) => screen.line({ mark: 'note', text });
  const impatience = () => (keyboard?.isOpen() ? '; q or Ctrl-C once more: at once' : '');
  const story = createStory(options.cwd, impatience);
  const patience = createPatience(note);

  function read(bytes: Uint8Array): void {
    clearTimeout(timer);
    for (const command of keys.read(bytes, now())) obey(command);
    const due = keys.due();
    if (due !== null) timer = setTimeout(read, due - now() + 1, new Uint8Array()).unref();
  }

  function obey(command: Command): void {
    switch (command) {
      case 'reload':
        return fleet?.stop ? note('stopping; no reload') : actions.reload();
      case 'status':
        return void actions.status().then(screen.block, (error) => note(describeError(error)));
      case 'clear':
        return screen.clear();
      case 'help':
        return screen.help();
      case 'quit':
        return actions.stop();
      case 'quit now':
        return actions.stopNow();
      case 'suspend':
        return keyboard?.suspend();
      case 'empty line':
        return screen.emptyLine();
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

  if (isatty(options.input) && output.isTerminal) {
    keyboard = openKeyboard(options.input, placeOnTerminal, {
      pressed: read,
      gone: actions.leave,
      suspending() {
        note('suspended, the workers go on serving; fg: back, bg: go on without keys');
        return output.flushed();
      },
      stays: () => note('not suspended: nothing here could wake it again'),
      resumed: () => note(`${describe(fleet)}; h shows the keys`),
    });
  }
  screen.banner({ ...options, keys: keyboard?.isOpen() ?? false });

  return {
    note,
    observe(turn) {
      fleet = turn.after;
      for (const line of story(turn)) screen.line(line);
      patience.observe(fleet);
      const phase = phaseOf(fleet);
      const settled = phase === 'waiting' || phase === 'serving' || phase === 'rolling out';
      const rolledOut = turn.actions.some(({ type }) => type === 'rolledOut');
      if (settled) queueMicrotask(() => showPlace(rolledOut));
    },
    // One line for all: where one is missing, it comes when the workers serve.
    debuggerListens() {
      if (options.debuggers().length >= (fleet?.size ?? 1)) showDebuggers();
    },
    close() {
      clearTimeout(timer);
      patience.close();
      keyboard?.close();
    },
  };
}

function describe(fleet: Fleet | null): string {
  const phase = fleet ? phaseOf(fleet) : 'starting';
  if (!fleet || fleet.serving === 0 || fleet.stop) return phase;
  const serves = `g${fleet.serving} serves`;
  return phase === 'rolling out' ? `${serves}, starting g${fleet.target}` : serves;
}
