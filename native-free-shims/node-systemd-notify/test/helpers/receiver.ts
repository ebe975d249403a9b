// A fake service manager, and Node processes that speak to it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../test/fixtures/${name}`, import.meta.url));

const MIDWAY = 'midway';
const library = new URL('../../src/index.js', import.meta.url).href;

export interface Datagram {
  readonly text: string;
  readonly bytes: number;
  readonly pid: number;
  readonly fds: readonly string[];
}

export interface Receiver {
  readonly path: string;
  /** The next datagram; waits for it. */
  next(): Promise<Datagram>;
  /** From now on it reads. */
  wake(): void;
  end(): Promise<void>;
}

export function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function receive(
  t: TestContext,
  { path = join(scratch(t), 'socket'), idle = false } = {},
): Promise<Receiver> {
  const args = [fixture('receiver.py'), path, ...(idle ? ['idle'] : [])];
  const child = spawn('python3', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the receiver is gone');
    return JSON.parse(value);
  };
  const closed = once(child, 'close');
  const end = async () => {
    child.stdin.end();
    await closed;
  };
  t.after(end);
  await read();
  return { path, next: read, wake: () => child.stdin.write('\n'), end };
}

export interface ChildResult {
  readonly pid: number;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a module that has the library as `lib`; `before` are a command and arguments that become Node.
 * Where the module says `await midway()`, `midway` is run here and waited for.
 */
export async function run(
  script: string,
  { env = {}, flags = [], before = [], midway = async () => {}, fds = [] }: RunOptions = {},
): Promise<ChildResult> {
  const text = `import * as lib from ${JSON.stringify(library)};
    import { once as onceOf } from 'node:events';
    const midway = async () => {
      console.log('${MIDWAY}');
      await onceOf(process.stdin.resume(), 'end');
    };
    ${script}`;
  const [command = '', ...args] = [
    ...before,
    process.execPath,
    ...flags,
    '--input-type=module',
    '-e',
    text,
  ];
  const child = spawn(command, args, {
    env: { ...clean(process.env), ...env },
    stdio: ['pipe', 'pipe', 'pipe', ...fds],
  });
  child.stdout?.once('data', async () => {
    await midway();
    child.stdin?.end();
  });
  const [stdout, stderr] = await Promise.all([
    all(child.stdout),
    all(child.stderr),
    once(child, 'close'),
  ]);
  const rest = stdout.replace(`${MIDWAY}\n`, '');
  return { pid: child.pid ?? 0, status: child.exitCode, stdout: rest, stderr };
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: readonly string[];
  readonly before?: readonly string[];
  readonly midway?: () => Promise<void>;
  /** From descriptor 3 on. */
  readonly fds?: readonly number[];
}

async function all(stream: ChildProcess['stdout']): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

/** Without what the machine that runs the tests may have set. */
export function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours =
    /^(LISTEN_|WATCHDOG_|NOTIFY_SOCKET$|FDSTORE$|MEMORY_PRESSURE|SYSTEMD_EXEC_PID$|NODE_)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}
