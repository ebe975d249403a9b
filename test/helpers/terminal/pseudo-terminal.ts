// A command in a pseudo terminal, which Python makes because Node cannot.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { eventually, Hopeless } from '../eventually.js';
import { fixture } from '../paths.js';

export interface PseudoTerminal {
  /** All that was written so far, without carriage returns. */
  output(): string;
  /** Waits for text after `after`, the length of the output at an earlier moment. */
  shows(what: string | RegExp, after?: number): Promise<RegExpExecArray>;
  type(keys: string): void;
  /** Stops reading what is written to it, as after Ctrl-S, until `thaw`. */
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
}

type Message = { output?: string; exit?: number };

export function openPseudoTerminal(
  t: TestContext,
  command: readonly string[],
  { cwd, env }: PseudoTerminalOptions,
): PseudoTerminal {
  const script = [fixture('pseudo-terminal.py'), ...command];
  const child = spawn('python3', script, { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
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

  return {
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
    freeze: () => send({ read: 0 }),
    thaw: () => send({ read: 1 }),
    hangUp: () => send({ hangup: 1 }),
    async exited() {
      await closed;
      if (status === null) throw new Error('the terminal ended before its command');
      return status;
    },
  };
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

function literally(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}
