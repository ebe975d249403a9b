// Single workers, started through the real shim: how they end, and what they say before.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WIRE_CMD, type WorkerMessage } from '../../src/ipc-protocol.js';
import { findCommand, searchPath } from '../../src/workers/find-command.js';
import {
  type Ended,
  type SpawnOptions,
  startWorker,
  type WorkerProcess,
} from '../../src/workers/worker-process.js';
import { root } from '../helpers/paths.js';
import { scratch } from '../helpers/supervisor.js';

interface Life {
  readonly process: WorkerProcess | null;
  readonly heard: WorkerMessage[];
  readonly said: unknown[];
  readonly ended: Promise<Ended>;
}

function live(t: TestContext, script: string, options: Partial<SpawnOptions> = {}): Life {
  const heard: WorkerMessage[] = [];
  const said: unknown[] = [];
  let process_: WorkerProcess | null = null;
  const ended = new Promise<Ended>((resolve) => {
    process_ = startWorker(
      {
        found: { file: '/bin/sh' },
        isNode: false,
        command: '/bin/sh',
        args: ['-c', script],
        cwd: '/',
        env: { PATH: process.env.PATH },
        mark: '',
        leaked: [],
        ignoredSignals: [],
        fds: [],
        readyPipe: false,
        outputPipes: false,
        deathSignal: [],
        ...options,
      },
      {
        heard: (message) => void heard.push(message),
        said: (message) => void said.push(message),
        ended: resolve,
      },
    );
  });
  const started = process_ as WorkerProcess | null;
  // The worker leads a group; whatever a failed test left of it goes.
  t.after(() => started && spawnSync('kill', ['-9', '--', `-${started.pid}`]));
  return { process: started, heard, said, ended };
}

/** A line on the channel, as Node's own `process.send` would write it. */
const tell = (message: object) => `printf '%s\\n' '${JSON.stringify(message)}' >&$NODE_CHANNEL_FD;`;

test('ends, in the words of a verdict', async (t) => {
  const rows: [script: string, reason: string][] = [
    ['exit 0', 'exited with status 0'],
    ['exit 7', 'exited with status 7'],
    ['kill -KILL $$', 'was killed by SIGKILL'],
    ['kill -TERM $$', 'was killed by SIGTERM'],
  ];
  for (const [script, reason] of rows) {
    const { process, ended } = live(t, script);
    assert.ok(process);
    const [signal] = /SIG\w+/.exec(reason) ?? [];
    assert.deepEqual(await ended, { reason, ...(signal && { signal }) });
  }
});

test('a failure to start is an end like any other', async (t) => {
  const directory = scratch(t);
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const rows: [Partial<SpawnOptions>, reason: string, status: number][] = [
    [{ command: 'nope' }, 'command not found: nope', 127],
    [{ command: file }, `${file}: is not executable`, 126],
    [{ command: 'app', env: { PATH: directory } }, 'command not found: app', 127],
    [{ cwd: '/nowhere' }, 'working directory /nowhere: ENOENT: no such file or directory', 1],
    [{ cwd: file }, `${file} is no directory`, 1],
    [{ args: ['x'.repeat(200_000)] }, 'E2BIG: argument list too long', 1],
    [{ fds: [99_999] }, 'EBADF: bad file descriptor', 1],
  ];
  for (const [options, reason, status] of rows) {
    const { command = '/bin/sh', env = {}, cwd = '/' } = options;
    const found = findCommand(command, searchPath(env), cwd);
    const { process, ended } = live(t, '', { ...options, found });
    assert.equal(process, null, reason);
    assert.deepEqual(await ended, { reason: `could not be started: ${reason}`, status });
  }
});

test('its last message before the exit is not lost, 50 times in a row', async (t) => {
  for (let i = 0; i < 50; i += 1) {
    const last: WorkerMessage = { type: 'exception', text: `Error: ${i}` };
    const { heard, said, ended } = live(
      t,
      `${tell({ i })}${tell({ cmd: WIRE_CMD, ...last })} exit 1`,
    );
    assert.deepEqual(await ended, { reason: 'exited with status 1', detail: `Error: ${i}` });
    assert.deepEqual([heard, said], [[{ cmd: WIRE_CMD, ...last }], [{ i }]]);
  }
});

test('a child that holds its channel open does not hide its end', {
  timeout: 10_000,
}, async (t) => {
  const { ended } = live(t, `sleep 60 >/dev/null 2>&1 & ${tell({ last: 1 })} exit 3`);
  assert.deepEqual(await ended, { reason: 'exited with status 3' });
});

test('it leads a session, knows its pid, has nothing to read and no descriptor of ours', async (t) => {
  const server = await listening(t);
  const script = `
    fds=; for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && fds="$fds$n"; done
    read -r _ _ _ _ group session _ </proc/$$/stat
    stdin=$(readlink /proc/$$/fd/0)
    printf '{"pid":%s,"LISTEN_PID":%s,"group":%s,"session":%s,"fds":"%s","stdin":"%s"}\\n' \
      $$ $LISTEN_PID $group $session $fds $stdin >&$NODE_CHANNEL_FD`;
  const { process: worker, said, ended } = live(t, script, { fds: [server.fd] });
  await ended;
  const { pid } = worker as WorkerProcess;
  const told = { pid, LISTEN_PID: pid, group: pid, session: pid, stdin: '/dev/null' };
  assert.deepEqual(said, [{ ...told, fds: '01234' }]);
});

test('a master that died before it got here is noticed by the shim', () => {
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

test('messages to it, its ready pipe, and the stop signal', async (t) => {
  const script =
    "trap 'exit 9' TERM; echo >&3; read -r line <&$NODE_CHANNEL_FD; while :; do sleep 0.01; done";
  const { process: worker, ended } = live(t, script, { readyPipe: true });
  assert.ok(worker?.readyPipe);
  for await (const chunk of worker.readyPipe) {
    assert.equal(String(chunk), '\n');
    break;
  }
  assert.equal(worker.hasPreload(), false);
  worker.send({ type: 'retire', limitMs: 5 });
  worker.signal('SIGTERM');
  assert.deepEqual(await ended, { reason: 'exited with status 9' });
  // Nothing to say to the dead, and no harm in trying.
  worker.send({ type: 'retire', limitMs: 5 });
  worker.signal('SIGTERM');
});

async function listening(t: TestContext): Promise<{ fd: number }> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  return (server as unknown as { _handle: { fd: number } })._handle;
}
