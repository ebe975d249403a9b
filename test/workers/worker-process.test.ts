// Single workers, started through the real shim: their messages and their exit.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FromWorker, MESSAGE_CMD } from '../../src/ipc-protocol.js';
import { findCommand, searchPath } from '../../src/workers/find-command.js';
import type { SpawnRequest, WorkersOptions } from '../../src/workers/worker-options.js';
import {
  startWorker,
  type WorkerExit,
  type WorkerProcess,
} from '../../src/workers/worker-process.js';
import { root } from '../helpers/paths.js';
import { spawnRequest, workersOptions } from '../helpers/processes/worker-start.js';
import { openListener } from '../helpers/sockets/listener.js';
import { scratch } from '../helpers/supervisor.js';

interface Life {
  readonly process: WorkerProcess | null;
  readonly messages: FromWorker[];
  readonly appMessages: unknown[];
  readonly exit: Promise<WorkerExit>;
}

function live(
  t: TestContext,
  script: string,
  options: Partial<WorkersOptions> = {},
  request: Partial<SpawnRequest> = {},
): Life {
  const messages: FromWorker[] = [];
  const appMessages: unknown[] = [];
  let process_: WorkerProcess | null = null;
  const exit = new Promise<WorkerExit>((resolve) => {
    const env = { PATH: process.env.PATH };
    const shell = { command: '/bin/sh', args: ['-c', script], ...options };
    process_ = startWorker(
      { options: workersOptions(shell), request: spawnRequest(request), env, deathSignal: [] },
      {
        onMessage: (_worker, message) => void messages.push(message),
        onAppMessage: (_worker, message) => void appMessages.push(message),
        onExit: (_worker, ended) => resolve(ended),
      },
    );
  });
  const started = process_ as WorkerProcess | null;
  // The worker leads a group; whatever a failed test left of it goes.
  t.after(() => started && spawnSync('kill', ['-9', '--', `-${started.pid}`]));
  return { process: started, messages, appMessages, exit };
}

const status = (code: number): WorkerExit['ending'] => ({ type: 'status', status: code });

/** A line on the channel, as Node's own `process.send` would write it. */
const tell = (message: object) => `printf '%s\\n' '${JSON.stringify(message)}' >&$NODE_CHANNEL_FD;`;

test('an exit is reported with its status or its signal', async (t) => {
  const rows: [script: string, ending: WorkerExit['ending']][] = [
    ['exit 0', status(0)],
    ['exit 7', status(7)],
    ['kill -KILL $$', { type: 'signal', signal: 'SIGKILL' }],
    ['kill -TERM $$', { type: 'signal', signal: 'SIGTERM' }],
  ];
  for (const [script, ending] of rows) assert.deepEqual(await live(t, script).exit, { ending });
});

test('a failure to start is reported like an exit', async (t) => {
  const directory = scratch(t);
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const rows: [Partial<WorkersOptions>, problem: string, status: number][] = [
    [{ command: 'nope' }, 'command not found: nope', 127],
    [{ command: file }, `${file}: is not executable`, 126],
    [{ cwd: '/nowhere' }, 'working directory /nowhere: ENOENT: no such file or directory', 1],
    [{ cwd: file }, `${file} is not a directory`, 1],
    [{ args: ['x'.repeat(200_000)] }, 'E2BIG: argument list too long', 1],
  ];
  for (const [options, problem, status] of rows) {
    const { command = '/bin/sh', cwd = '/' } = options;
    const program = { ...findCommand(command, searchPath(process.env), cwd), isNode: false };
    const { process: worker, exit } = live(t, '', options, { program });
    assert.equal(worker, null, problem);
    assert.deepEqual(await exit, { ending: { type: 'notStarted', status, problem } });
  }
});

test('the last message before an exit is not lost, 20 times in a row', async (t) => {
  for (let i = 0; i < 20; i += 1) {
    const last: FromWorker = { type: 'exception', text: `Error: ${i}` };
    const { messages, appMessages, exit } = live(
      t,
      `${tell({ i })}${tell({ cmd: MESSAGE_CMD, ...last })} exit 1`,
    );
    assert.deepEqual(await exit, { ending: status(1), exception: `Error: ${i}` });
    assert.deepEqual([messages, appMessages], [[{ cmd: MESSAGE_CMD, ...last }], [{ i }]]);
  }
});

test('a child of the worker that holds the channel open does not delay the report of the exit', {
  timeout: 10_000,
}, async (t) => {
  const { exit } = live(t, `sleep 60 >/dev/null 2>&1 & ${tell({ last: 1 })} exit 3`);
  assert.deepEqual(await exit, { ending: status(3) });
});

test('a worker leads a session, knows its pid, reads from /dev/null and inherits no other descriptor', async (t) => {
  const { fd } = await openListener(t, { host: '127.0.0.1' });
  const nowhere = { host: null, port: null, path: null, sparePath: null, backlog: null };
  const shared = { id: 1, fd: 3, ...nowhere, appAddress: null, openedAs: null };
  const script = `
    fds=; for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && fds="$fds$n"; done
    read -r _ _ _ _ group session _ </proc/$$/stat
    stdin=$(readlink /proc/$$/fd/0)
    printf '{"pid":%s,"LISTEN_PID":%s,"group":%s,"session":%s,"fds":"%s","stdin":"%s"}\\n' \
      $$ $LISTEN_PID $group $session $fds $stdin >&$NODE_CHANNEL_FD`;
  const {
    process: worker,
    appMessages,
    exit,
  } = live(t, script, {}, { sockets: [{ name: 'web', fd, shared }] });
  await exit;
  const { pid } = worker as WorkerProcess;
  const told = { pid, LISTEN_PID: pid, group: pid, session: pid, stdin: '/dev/null' };
  assert.deepEqual(appMessages, [{ ...told, fds: '01234' }]);
});

test('the shim does not start the program when the master is gone', () => {
  const shim = join(root, 'native-free-shims/exec-worker.sh');
  const run = (parent: number) => {
    const { status, stdout } = spawnSync('/bin/sh', [shim, String(parent), 'HUP', 'echo', 'ran'], {
      encoding: 'utf8',
    });
    return [status, stdout];
  };
  assert.deepEqual(run(process.pid), [0, 'ran\n']);
  assert.deepEqual(run(process.pid + 1), [0, '']);
});

test('the ready pipe and the stop signal work, and sending to an exited worker is harmless', async (t) => {
  const script =
    "trap 'exit 9' TERM; echo >&3; read -r line <&$NODE_CHANNEL_FD; while :; do sleep 0.01; done";
  const { process: worker, exit } = live(t, script, { readyFd: true });
  assert.ok(worker?.readyPipe);
  for await (const chunk of worker.readyPipe) {
    assert.equal(String(chunk), '\n');
    break;
  }
  assert.equal(worker.hasPreload(), false);
  worker.send({ type: 'retire', limitMs: 5 });
  worker.signal('SIGTERM');
  assert.deepEqual(await exit, { ending: status(9) });
  worker.send({ type: 'retire', limitMs: 5 });
  worker.signal('SIGTERM');
});
