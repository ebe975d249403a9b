// A command in a terminal of its own: type, and see what is on it. Node can make none; python can.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { eventually, Hopeless } from './eventually.js';
import { fixture } from './paths.js';

export interface Modes {
  readonly echo: boolean;
  readonly canonical: boolean;
  /** Ctrl-C and its like are signals. */
  readonly signals: boolean;
  /** A newline goes back to the first column. */
  readonly newlines: boolean;
  /** The process group that has the terminal. */
  readonly foreground: number;
}

type OwnModes = Omit<Modes, 'foreground'>;
/** As a shell leaves them for what it starts. */
export const COOKED: OwnModes = { echo: true, canonical: true, signals: true, newlines: true };
/** While keys are read. */
export const RAW: OwnModes = { echo: false, canonical: false, signals: false, newlines: true };

export interface PseudoTerminal {
  /** All that was written so far, without carriage returns. */
  output(): string;
  /** Waits for text after `after`, the length of the output at an earlier moment. */
  shows(what: string | RegExp, after?: number): Promise<RegExpExecArray>;
  type(keys: string): void;
  modes(): Promise<Modes>;
  /** Waits until it has these. */
  hasModes(expected: OwnModes): Promise<void>;
  resize(columns: number): void;
  /** Nobody takes what is written to it, as after Ctrl-S, until it is read again. */
  freeze(): void;
  thaw(): void;
  /** Closes it, as a window is closed. */
  hangUp(): void;
  /** Exit status of the command, negative for a signal. */
  exited(): Promise<number>;
}

export interface PseudoTerminalOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly columns?: number;
}

type Message = { output?: string; modes?: Modes; exit?: number };

export function openPseudoTerminal(
  t: TestContext,
  command: readonly string[],
  { cwd, env, columns = 80 }: PseudoTerminalOptions,
): PseudoTerminal {
  const script = [fixture('pseudo-terminal.py'), String(columns), ...command];
  const child = spawn('python3', script, { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const seen: Modes[] = [];
  let bytes = '';
  let rest = '';
  let status: number | null = null;
  child.stdin.on('error', () => {});
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as Message;
      if (message.output !== undefined) {
        if (process.env.TAIL) process.stderr.write(message.output, 'latin1');
        bytes += message.output;
      }
      if (message.modes) seen.push(message.modes);
      if (message.exit !== undefined) status = message.exit;
    }
  });
  // A character may come in two pieces.
  const output = () => Buffer.from(bytes, 'latin1').toString().replaceAll('\r', '');
  const closed = once(child, 'close');
  const send = (message: object) => void child.stdin.write(`${JSON.stringify(message)}\n`);
  t.after(async () => {
    // Its end hangs the terminal up.
    child.stdin.end();
    await closed;
  });

  const self: PseudoTerminal = {
    output,
    async shows(what, after = 0) {
      const pattern = typeof what === 'string' ? literally(what) : what;
      const look = () => pattern.exec(output().slice(after));
      const found = await eventually(`${pattern} on the terminal`, () => {
        const match = look();
        if (!match && child.exitCode !== null) throw new Hopeless(`only this came: ${output()}`);
        return match ?? Promise.reject(new Error(output().slice(after)));
      });
      return found as RegExpExecArray;
    },
    type: (keys) => send({ write: Buffer.from(keys).toString('latin1') }),
    async modes() {
      const before = seen.length;
      send({ modes: 1 });
      return (await eventually('the modes of the terminal', () => seen[before])) as Modes;
    },
    async hasModes(expected) {
      const look = async () => {
        const { foreground: _, ...modes } = await self.modes();
        return JSON.stringify(modes);
      };
      await eventually('modes', look, (modes) => modes === JSON.stringify(expected));
    },
    resize: (width) => send({ resize: width }),
    freeze: () => send({ read: 0 }),
    thaw: () => send({ read: 1 }),
    hangUp: () => send({ hangup: 1 }),
    async exited() {
      await closed;
      if (status === null) throw new Error('the terminal ended before its command');
      return status;
    },
  };
  return self;
}

/** A shell with jobs, at its prompt. */
export async function openShell(
  t: TestContext,
  options: PseudoTerminalOptions,
): Promise<PseudoTerminal> {
  const terminal = openPseudoTerminal(t, ['bash', '--norc', '--noprofile', '-i'], options);
  await terminal.shows(/[$#] $/);
  return terminal;
}

/** Asserts what a program finds that is now started from the shell. */
export async function assertCooked(terminal: PseudoTerminal): Promise<void> {
  const before = terminal.output().length;
  terminal.type('\x15stty -a; echo do""ne\n');
  const [text] = await terminal.shows(/speed[\s\S]*^done$/m, before);
  for (const mode of ['isig', 'icanon', 'iexten', 'echo', 'opost', 'icrnl', 'ixon']) {
    assert.match(text, new RegExp(`\\s${mode}\\b`), mode);
  }
}

function literally(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}
