// The relay program: it is restarted, ends with its parent, and ignores signals for its process group.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { createNotifyServer, type ServerTransport } from '../src/index.js';
import { eventually } from './helpers/eventually.js';
import { noTool } from './helpers/node-features.js';
import { clean, scratch } from './helpers/receiver.js';

const execute = promisify(execFile);
const library = new URL('../src/index.js', import.meta.url).href;
const notify = (path: string, ...args: string[]) =>
  execute('systemd-notify', args, { env: { ...clean(process.env), NOTIFY_SOCKET: path } });

/** Pids of the relays that are children of `parent`. */
function relaysOf(parent: number): number[] {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => /relay\.(pl|py)/.test(commandOf(pid)));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

for (const transport of ['perl', 'python3'] as const) {
  test(`${transport}: a relay that was killed is replaced, with all its sockets`, {
    skip: noTool,
  }, async (t) => {
    const failures: string[] = [];
    const server = createNotifyServer({
      directory: join(scratch(t), 's'),
      transports: [transport],
      onFailure: ({ message }) => failures.push(message),
    });
    t.after(() => server.close());
    const got: string[] = [];
    const sockets = [];
    for (const name of ['a', 'b', 'c']) {
      sockets.push(
        await server.open((fields) => void got.push(name + (fields.get('STATUS') ?? '-'))),
      );
    }
    assert.equal(relaysOf(process.pid).length, 1, 'one for all');
    sockets[1]?.close();
    for (const round of [1, 2]) {
      const [pid = 0] = relaysOf(process.pid);
      process.kill(pid, 'SIGKILL');
      // A socket that is opened meanwhile is bound by the next relay.
      const late = await server.open(
        (fields) => void got.push(`late${fields.get('STATUS') ?? '-'}`),
      );
      assert.equal(failures.length, round);
      assert.match(
        failures.at(-1) ?? '',
        /^the relay .* died: ended by SIGKILL; starting it again$/,
      );
      assert.notEqual(relaysOf(process.pid)[0], pid);
      for (const socket of [sockets[0], sockets[2], late]) {
        await notify(socket?.path ?? '', `--status=${round}`);
      }
      await eventually('all arrive', () => got.length === 6);
      assert.deepEqual(
        got.splice(0),
        ['a', 'c', 'late'].flatMap((one) => [`${one}${round}`, `${one}-`]),
      );
      late.close();
    }
    await server.close();
    assert.deepEqual(relaysOf(process.pid), []);
  });

  test(`${transport}: the relay ends with its parent, even one that was killed, and removes its paths`, async (t) => {
    const directory = join(scratch(t), 's');
    const script = `${openServer(directory, transport)} console.log('open'); setInterval(() => {}, 1000);`;
    // A descriptor that children inherit, because Node marks only the first ones as close-on-exec.
    const leaked = openSync('/dev/zero', 'r');
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit', ...Array(57).fill('ignore'), leaked],
    });
    await once(
      createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }),
      'line',
    );
    const [pid = 0] = relaysOf(child.pid ?? 0);
    for (const name of ['TERM', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2']) {
      process.kill(pid, `SIG${name}`);
    }
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    assert.ok(
      links.every((link) => /^(socket|pipe):/.test(link)),
      links.join(' '),
    );
    assert.equal(readdirSync(directory).length, 1);
    child.kill('SIGKILL');
    await eventually('it is gone', () => !/relay/.test(commandOf(pid)));
    assert.deepEqual(readdirSync(directory), []);
  });

  test(`${transport}: a relay that hangs is killed and replaced`, async (t) => {
    const directory = join(scratch(t), 's');
    const failures: string[] = [];
    const onFailure = ({ message }: Error) => void failures.push(message);
    const server = createNotifyServer({ directory, transports: [transport], onFailure });
    t.after(() => server.close());
    const ignore = () => {};
    const before = await server.open(ignore);
    const [pid = 0] = relaysOf(process.pid);
    process.kill(pid, 'SIGSTOP');
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const answer = server.open(ignore);
    t.mock.timers.tick(10_000);
    t.mock.timers.reset();
    await assert.rejects(answer, /cannot bind .*: the relay has not answered for 10000 ms/);
    const after = await server.open(ignore);
    assert.equal(failures.length, 1);
    assert.ok(!existsSync(`/proc/${pid}`));
    const names = [before, after].map(({ path }) => basename(path));
    assert.deepEqual(readdirSync(directory).sort(), names.sort());
  });

  test(`${transport}: variables for the language have no effect on the relay`, async (t) => {
    const env = {
      PERL5OPT: '-MNoSuchModule',
      PYTHONSTARTUP: '/nonexistent',
      PYTHONHOME: '/nonexistent',
      NOTIFY_SOCKET: '/nonexistent',
    };
    assert.equal(await transportOf(t, transport, env), `${transport}\n`);
  });
}

test('an interpreter that exists but does not run is skipped', async (t) => {
  const bin = scratch(t);
  // Like a shim of pyenv without a version.
  const script = '#!/bin/sh\necho "no version set" >&2\nexit 127\n';
  writeFileSync(join(bin, 'perl'), script, { mode: 0o755 });
  assert.equal(await transportOf(t, 'perl', { PATH: `${bin}:/usr/bin` }), 'perl\n');
});

/** A module that opens a socket. */
const openServer = (directory: string, transport: ServerTransport) =>
  `import { createNotifyServer } from ${JSON.stringify(library)};
  const server = createNotifyServer({ directory: ${JSON.stringify(directory)}, transports: ['${transport}'] });
  await server.open(() => {});`;

/** What a process with these variables prints as the transport of its server. */
async function transportOf(t: TestContext, transport: ServerTransport, env: NodeJS.ProcessEnv) {
  const script = `${openServer(join(scratch(t), 's'), transport)}
    console.log(server.transport);
    await server.close();`;
  const args = ['--input-type=module', '-e', script];
  const { stdout, stderr } = await execute(process.execPath, args, {
    env: { ...process.env, ...env },
  });
  assert.equal(stderr, '');
  return stdout;
}
