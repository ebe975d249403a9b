// What the user of `dev` has before him: a banner, one line a reload, and keys where there is somebody to press them.
import { isatty } from 'node:tty';
import { type Fleet, phaseOf } from '../core/vocabulary.js';
import { describeError } from '../errors.js';
import { now } from '../monotonic.js';
import { placeOnTerminal } from './foreground.js';
import { type Keyboard, openKeyboard } from './keyboard.js';
import { type Command, createKeys } from './keys.js';
import { createScreen } from './screen.js';
import { createStory, type SeenTurn } from './story.js';
import { styleOf } from './style.js';

export interface TerminalOptions {
  readonly name: string;
  readonly version: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What is watched; asked for when the first generation serves, or has failed. */
  watching(): string;
  /** As `describeSocket` calls them; asked for again and again. */
  addresses(): readonly string[];
  /** Descriptor from which keys are read, if it is a terminal; nothing is read from anything else. */
  readonly input: number;
  readonly output: Pick<NodeJS.WriteStream, 'write' | 'on' | 'isTTY' | 'columns'>;
}

export interface TerminalActions {
  reload(): void;
  /** Once: gracefully. Once more: at once. */
  stop(): void;
  stopNow(): void;
  status(): Promise<string>;
}

export interface Terminal {
  observe(turn: SeenTurn): void;
  /** What is no part of the story. */
  note(text: string): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

export function createTerminal(options: TerminalOptions, actions: TerminalActions): Terminal {
  const { output, env } = options;
  // Its reader may be gone: no reason to end.
  output.on('error', () => {});
  const screen = createScreen(
    (text) => void output.write(text),
    () => output.columns,
    styleOf(env, output.isTTY === true),
  );
  const keys = createKeys();
  let keyboard: Keyboard | null = null;
  let fleet: Fleet | null = null;
  let shown: string | null = null;
  let timer: NodeJS.Timeout | undefined;

  const note = (text: string) => screen.line({ mark: 'note', text });
  const impatience = () => (keyboard?.isOpen() ? '; q or Ctrl-C once more: at once' : '');
  const story = createStory(options.cwd, impatience);

  function read(bytes: Uint8Array): void {
    clearTimeout(timer);
    for (const command of keys.read(bytes, now())) obey(command);
    const due = keys.due();
    if (due !== null) timer = setTimeout(read, due - now() + 1, new Uint8Array()).unref();
  }

  function obey(command: Command): void {
    switch (command) {
      case 'reload':
        return actions.reload();
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
  function showPlace(): void {
    const addresses = options.addresses();
    const present = addresses.join('\n');
    if (present === shown) return;
    if (addresses.length > 0) screen.serving(addresses);
    if (shown === null) screen.watching(options.watching());
    shown = present;
  }

  if (isatty(options.input) && output.isTTY) {
    keyboard = openKeyboard(options.input, placeOnTerminal, {
      pressed: read,
      gone: actions.stop,
      suspending: () =>
        note('suspended, the workers go on serving; fg: back, bg: go on without keys'),
      resumed: () => note(`${describe(fleet)}; h shows the keys`),
    });
  }
  screen.banner({ ...options, keys: keyboard?.isOpen() ?? false });

  return {
    note,
    observe(turn) {
      fleet = turn.after;
      for (const line of story(turn)) screen.line(line);
      const phase = phaseOf(fleet);
      const settled = phase === 'waiting' || phase === 'serving' || phase === 'rolling out';
      if (settled) queueMicrotask(showPlace);
    },
    close() {
      clearTimeout(timer);
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
