// Types the commands of a page into a shell, one after the other, in a copy of the repository. `npx`, `npm` and `curl` are
// stand-ins: nothing is installed, and the built command is the one that runs.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { StatusReport } from '../../../src/status/report-types.js';
import { eventually, Hopeless } from '../eventually.js';
import { bin, node, root } from '../paths.js';
import { type Finished, finished } from '../processes/finished.js';
import { freePort } from '../sockets/free-port.js';
import { cleanEnvironment, runCommand, scratch } from '../supervisor.js';

/** A command that starts a master, and goes on until that ends. */
const STARTS_MASTER =
  /\bnpx graceful-run (?!(?:reload|status|stop|scale|unit|help|--help|--version)\b)/;

export interface PageSession {
  /** Directory in which the commands run. */
  readonly cwd: string;
  /**
   * Runs one line. Resolves when it has ended, or for a line that starts a master: when its workers serve. Throws if its exit
   * status is not 0, or not the one that its comment names (`# exits with 1`).
   */
  type(line: string): Promise<void>;
}

/** A master that the session has started; `select` are the options by which a client command finds it. */
interface Started {
  readonly child: ChildProcess;
  readonly select: readonly string[];
  output(): string;
}

export function startPageSession(t: TestContext): PageSession {
  let master: Started | null = null;
  // Before the directories below are removed. The kernel ends the workers with their master.
  t.after(async () => {
    if (!master || hasEnded(master.child)) return;
    master.child.kill('SIGKILL');
    await once(master.child, 'exit');
  });
  const cwd = copyOfRepository(t);
  const tools = scratch(t);
  writeStandIns(tools);
  const ports = new Map<string, number>();
  const portFor = (text: string) => {
    const port = ports.get(text) ?? freePort(t);
    ports.set(text, port);
    return String(port);
  };
  const env = {
    ...cleanEnvironment(),
    PATH: `${tools}:${process.env.PATH}`,
    PWD: cwd,
    XDG_RUNTIME_DIR: scratch(t),
  };
  /** The examples listen where PORT says, be it a path. */
  const portOrPath = (text: string) => /unix:([^?']+)/.exec(text)?.[1] ?? portFor('3000');
  const clientOf = (select: readonly string[], command: string, ...more: string[]) =>
    runCommand([command, ...more, ...select], { cwd, env });
  const end = async ({ child, select }: Started) => {
    if (hasEnded(child)) return;
    const exit = once(child, 'exit');
    const { status } = await clientOf(select, 'stop', '--now');
    if (status !== 0) child.kill('SIGKILL');
    await exit;
  };

  async function start(text: string): Promise<void> {
    if (master) await end(master);
    const child = spawn('bash', ['-c', text], {
      ...{ cwd, env: { ...env, PORT: portOrPath(text) } },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (data: string) => {
        output += data;
      });
    }
    const select = /--(?:name|control|config) \S+/.exec(text)?.[0].split(' ') ?? [];
    const started = { child, select, output: () => output };
    master = started;
    await eventually(`${text} serves`, async () => {
      if (hasEnded(child)) throw new Hopeless(`${text}: ${output}`);
      const { stdout } = await clientOf(select, 'status', '--json');
      return (JSON.parse(stdout) as StatusReport).phase === 'serving';
    });
  }

  return {
    cwd,
    async type(line) {
      const text = line
        .replaceAll(/(?<=[:=\s])(3000|8080|9229)\b/g, portFor)
        .replaceAll(/\/(?:tmp|run)\/[\w./-]+\.sock/g, (path) => join(cwd, basename(path)));
      const expected = Number(/#.*\bexits with (\d+)/.exec(line)?.[1] ?? 0);
      if (expected === 0 && STARTS_MASTER.test(line)) return start(text);
      const child = spawn('bash', ['-c', text], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
      const ended: Finished = await finished(child);
      if (ended.status === expected) return;
      const log = master?.output() ?? '';
      throw new Error(
        `${line}: status ${ended.status}\n${ended.stdout}${ended.stderr}\nmaster:\n${log}`,
      );
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** All that an example needs of the repository, so that `graceful-run/worker` is found as it is there. */
export function copyOfRepository(t: TestContext): string {
  const copy = scratch(t);
  cpSync(join(root, 'examples'), join(copy, 'examples'), { recursive: true });
  for (const name of ['package.json', 'node_modules', 'dist', 'native-free-shims']) {
    symlinkSync(join(root, name), join(copy, name));
  }
  return copy;
}

/** `curl` without the program: what the pages use of it. */
const CURL = `
const words = process.argv.slice(2);
const take = (flag) => { const at = words.indexOf(flag); return at < 0 ? undefined : words.splice(at, 2)[1]; };
const socketPath = take('--unix-socket');
const data = take('-d');
const options = { ...(socketPath && { socketPath }), method: data === undefined ? 'GET' : 'POST' };
require('node:http').request(words.at(-1), options, (response) => response.pipe(process.stdout)).end(data);
`;

function writeStandIns(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const write = (name: string, text: string) =>
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  write('npx', `[ "$1" = graceful-run ] || exit 1\nshift\nexec '${node}' '${bin}' "$@"`);
  // Installing is left out; a script has to be there.
  write(
    'npm',
    `case $1 in cit | ci) ;; run) grep -q "\\"$2\\":" package.json ;; *) exit 1 ;; esac`,
  );
  write('node', `exec '${node}' "$@"`);
  writeFileSync(join(directory, 'curl.cjs'), CURL);
  write('curl', `exec '${node}' '${join(directory, 'curl.cjs')}' "$@"`);
}
