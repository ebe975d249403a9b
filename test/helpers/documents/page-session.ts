// Types the commands of a page into a shell, one after the other, in a copy of the repository. `npx` and `npm` are stand-ins:
// nothing is installed, and the built command is the one that runs.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { StatusReport } from '../../../src/status/report-types.js';
import { eventually, Hopeless } from '../eventually.js';
import { bin, node, root } from '../paths.js';
import { finished } from '../processes/finished.js';
import { freePort } from '../sockets/free-port.js';
import { cleanEnvironment, runCommand, scratch } from '../supervisor.js';

/** A command that starts a master, and goes on until that ends. */
const STARTS_MASTER =
  /\bnpx graceful-run (?!(?:reload|status|stop|scale|unit|help|--help|--version)\b)/;

export interface PageSession {
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
  output: string;
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
  const PATH = `${standIns(t)}:${process.env.PATH}`;
  const env = { ...cleanEnvironment(), PATH, PWD: cwd, XDG_RUNTIME_DIR: scratch(t) };
  const ports = new Map<string, number>();
  const portFor = (text: string) => {
    const port = ports.get(text) ?? freePort(t);
    ports.set(text, port);
    return String(port);
  };
  /** The examples listen where PORT says, be it a path. */
  const portOrPath = (text: string) => /unix:([^?']+)/.exec(text)?.[1] ?? portFor('3000');
  const run = (text: string, variables: NodeJS.ProcessEnv = {}) =>
    spawn('bash', ['-c', text], {
      ...{ cwd, env: { ...env, ...variables } },
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  async function end({ child, select }: Started): Promise<void> {
    if (hasEnded(child)) return;
    const exit = once(child, 'exit');
    const { status } = await runCommand(['stop', '--now', ...select], { cwd, env });
    if (status !== 0) child.kill('SIGKILL');
    await exit;
  }

  async function start(text: string): Promise<void> {
    if (master) await end(master);
    const child = run(text, { PORT: portOrPath(text) });
    const select = /--(?:name|control|config) \S+/.exec(text)?.[0].split(' ') ?? [];
    const started: Started = { child, select, output: '' };
    master = started;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (data: string) => {
        started.output += data;
      });
    }
    await eventually(`${text} serves`, async () => {
      if (hasEnded(child)) throw new Hopeless(`${text}: ${started.output}`);
      const { stdout } = await runCommand(['status', '--json', ...select], { cwd, env });
      return (JSON.parse(stdout) as StatusReport).phase === 'serving';
    });
  }

  return {
    async type(line) {
      const text = line
        .replaceAll(/(?<=[:=\s])(3000|8080|9229)\b/g, portFor)
        .replaceAll(/\/(?:tmp|run)\/[\w./-]+\.sock/g, (path) => join(cwd, basename(path)));
      const expected = Number(/#.*\bexits with (\d+)/.exec(line)?.[1] ?? 0);
      if (expected === 0 && STARTS_MASTER.test(line)) return start(text);
      const { status, stdout, stderr } = await finished(run(text));
      if (status === expected) return;
      const log = master?.output ?? '';
      throw new Error(`${line}: status ${status}\n${stdout}${stderr}\nmaster:\n${log}`);
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

/** A directory for the PATH. Installing is left out; a script of package.json has to be there. */
function standIns(t: TestContext): string {
  const directory = scratch(t);
  const write = (name: string, text: string) =>
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  symlinkSync(node, join(directory, 'node'));
  write('npx', `[ "$1" = graceful-run ] || exit 1\nshift\nexec '${node}' '${bin}' "$@"`);
  const runs = `grep -q "\\"$2\\":" package.json`;
  write('npm', `case $1 in cit | ci) ;; run) ${runs} ;; *) exit 1 ;; esac`);
  return directory;
}
