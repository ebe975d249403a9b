// Releases that cannot serve. The old generation is not disturbed, whoever asked for the reload is told the reason, and the
// repaired release is taken. When it is the first generation, the master exits with a status that a script can read.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Ending, FailureCause } from '../../../src/core/failure.js';
import { get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { knock } from '../../helpers/polling-client.js';
import { startServingCommand } from '../../helpers/serving.js';
import { takePort } from '../../helpers/sockets/ports.js';
import {
  isRunning,
  type LogLine,
  type Supervisor,
  scratch,
  startSupervisor,
} from '../../helpers/supervisor.js';

interface BrokenRelease {
  readonly what: string;
  /** Breaks the working release in this directory. */
  readonly spoil: (directory: string) => void;
  /** What the log states: the kind of the failure, and how the worker ended. */
  readonly cause: FailureCause['type'];
  readonly ending?: Ending;
  /** What the sentence for people contains besides: an exception, an address. */
  readonly reason?: RegExp;
  /** Of the master, when it is the first generation; 1 when absent. */
  readonly status?: number;
  /** Its worker is killed from outside while it starts. */
  readonly isKilled?: true;
}

/** A script that becomes Node, and the app. */
function deployWorking(directory: string): void {
  mkdirSync(directory, { recursive: true });
  deployScript(directory, `#!/bin/sh\nexec '${node}' app.js\n`);
  deployApp(directory, fixture('answers-pid.mjs'));
}

function deployScript(directory: string, text: string): void {
  writeFileSync(join(directory, 'run.sh'), text);
  chmodSync(join(directory, 'run.sh'), 0o755);
}

/** Makes `app.js` that file, at one stroke. */
function deployApp(directory: string, file: string): void {
  symlinkSync(file, join(directory, 'app.js.new'));
  renameSync(join(directory, 'app.js.new'), join(directory, 'app.js'));
}

const app = (file: string) => (directory: string) =>
  deployApp(directory, fixture(`broken/${file}`));

const exits = (status: number, reason = /./) => ({
  ...{ cause: 'exited' as const, ending: { type: 'status' as const, status }, reason },
});
const timesOut = { cause: 'startTimeout' as const, reason: /: it never listened on any address$/ };
/** A working release is ready within this time on a busy machine as well. */
const SHORT_START = ['--start-timeout', '8s'];

const BROKEN_RELEASES: readonly BrokenRelease[] = [
  { what: 'never listens', spoil: app('never-listens.mjs'), ...timesOut },
  { what: 'blocks its event loop', spoil: app('blocks-event-loop.mjs'), ...timesOut },
  {
    what: 'throws at import',
    spoil: app('throws-at-import.mjs'),
    ...exits(
      1,
      /: Error: no such setting: DATABASE_URL\n +at readSettings \(.*throws-at-import\.mjs:3:\d+\)\n/,
    ),
  },
  {
    what: 'has a syntax error (CommonJS)',
    spoil: app('syntax-error.cjs'),
    ...exits(
      1,
      /: .*syntax-error\.cjs:3\nconst options = \{;\n +\^\nSyntaxError: Unexpected token/,
    ),
  },
  {
    what: 'has a syntax error (ESM)',
    spoil: app('syntax-error.mjs'),
    ...exits(1, /: SyntaxError: Unexpected token ';'$/),
  },
  {
    what: 'rejects a promise that nobody handles',
    spoil: app('rejects-unhandled.mjs'),
    ...exits(
      1,
      /: Error: no route to the database\n +at connect \(.*rejects-unhandled\.mjs:3:\d+\)/,
    ),
  },
  { what: 'exits with status 0 before it listens', spoil: app('exits-0.mjs'), ...exits(0) },
  {
    what: 'is killed while it starts, as the kernel does when memory runs out',
    spoil: app('never-listens.mjs'),
    cause: 'exited',
    ending: { type: 'signal', signal: 'SIGKILL' },
    isKilled: true,
  },
  {
    what: 'puts a shell between graceful-run and Node',
    spoil: (directory) => deployScript(directory, `#!/bin/sh\n'${node}' app.js\ntrue\n`),
    cause: 'cannotServe',
    reason: /a program between graceful-run and Node keeps/,
  },
  {
    what: 'has no command',
    spoil: (directory) => rmSync(join(directory, 'run.sh')),
    cause: 'exited',
    reason: /command not found: \.\/run\.sh$/,
    status: 127,
  },
  {
    what: 'has lost its directory',
    spoil: (directory) => rmSync(directory, { recursive: true }),
    cause: 'exited',
    reason: /working directory .*release: ENOENT/,
  },
];

/** The directory of a release that works, and how graceful-run is started in it. */
function release(t: TestContext, { cause }: Pick<BrokenRelease, 'cause'>) {
  const directory = join(scratch(t), 'release');
  deployWorking(directory);
  const limits = cause === 'startTimeout' ? SHORT_START : [];
  return { directory, words: [...limits, '--cwd', directory, '--', './run.sh'] };
}

async function killWorker(master: Supervisor, generation: number): Promise<void> {
  const { workerPid = 0 } = await master.logged(
    (line) => line.event === 'spawned' && line.generation === generation,
  );
  process.kill(workerPid, 'SIGKILL');
}

describe('a release is refused that', { concurrency: 3 }, () => {
  for (const broken of BROKEN_RELEASES) {
    test(broken.what, async (t) => {
      const { directory, words } = release(t, broken);
      const env = { GRACEFUL_RUN_NAME: 'in-a-release' };
      const { master, address, pid } = await startServingCommand(t, words, { env });

      broken.spoil(directory);
      const visitor = knock(address);
      const reload = master.client('reload');
      if (broken.isKilled) await killWorker(master, 2);
      const { status, stdout, stderr } = await reload;
      await visitor.stop();
      assert.deepEqual([status, stdout], [1, ''], stderr);
      statesFailure(await master.logged('rolledBack'), broken);
      assert.deepEqual(visitor.failures, []);
      assert.deepEqual(new Set(visitor.answers), new Set([`${pid} 1`]));
      await showsFailure(master, broken, stderr);

      deployWorking(directory);
      const again = await master.client('reload');
      assert.deepEqual([again.status, again.stdout], [0, 'generation 3 serves\n'], again.stderr);
      const { workers, reloads } = await master.settled(3);
      assert.equal(await get(address), `${workers[0]?.pid} 3`);
      assert.deepEqual(reloads, { ok: 1, failed: 1 });
    });
  }
});

describe('the master exits when the first generation', { concurrency: 3 }, () => {
  for (const broken of BROKEN_RELEASES) {
    test(broken.what, async (t) => {
      const { directory, words } = release(t, broken);
      broken.spoil(directory);
      const master = startSupervisor(t, words);
      if (broken.isKilled) await killWorker(master, 1);
      await endsMaster(master, broken);
    });
  }

  test('finds its port taken by another program', async (t) => {
    const port = await takePort(t);
    const env = { ADDRESS: `127.0.0.1:${port}` };
    const reason = new RegExp(`Error: listen EADDRINUSE: .* 127\\.0\\.0\\.1:${port}$`);
    const { words } = release(t, { cause: 'exited' });
    await endsMaster(startSupervisor(t, words, { env }), { cause: 'exited', reason });
  });
});

type Expected = Pick<BrokenRelease, 'cause' | 'ending' | 'reason' | 'status'>;

function statesFailure(line: LogLine, { cause, ending, reason = /./ }: Expected): void {
  assert.equal(line.cause, cause, line.msg);
  if (ending) assert.deepEqual(line.ending, ending);
  assert.match(line.reason ?? '', reason);
}

/** The status gives the reason that the client got, and only the old worker is left. */
async function showsFailure(
  master: Supervisor,
  { cause }: Expected,
  stderr: string,
): Promise<void> {
  const { lastReload, reloads } = await master.settled(1);
  assert.deepEqual(reloads, { ok: 0, failed: 1 });
  assert.deepEqual([lastReload?.ok, lastReload?.generation, lastReload?.cause], [false, 2, cause]);
  assert.ok(lastReload?.reason && stderr.includes(lastReload.reason), `${lastReload?.reason}`);
  const { stdout } = await master.client('status');
  assert.match(stdout, /reloads: 0 ok, 1 failed; the last \d+s ago failed:\n {2}worker 1 of/);
  for (const { generation, workerPid = 0 } of master.log()) {
    if (generation === 2) assert.equal(isRunning(workerPid), false);
  }
}

/** Exactly one error is logged, and nothing is left of the generation. */
async function endsMaster(master: Supervisor, expected: Expected): Promise<void> {
  const { status = 1 } = expected;
  assert.deepEqual(await master.exited(), { status, signal: null });
  assert.equal((await master.logged('shutdownDone')).status, status);
  const [error, ...more] = master.log().filter(({ level }) => level >= 50);
  assert.deepEqual([error?.event, error?.generation, more], ['rolledBack', 1, []]);
  statesFailure(await master.logged('rolledBack'), expected);
  for (const { workerPid = 0 } of master.log()) assert.equal(isRunning(workerPid), false);
}
