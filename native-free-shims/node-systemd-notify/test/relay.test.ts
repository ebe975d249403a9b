// The relay program: it dies and comes back, outlives nobody, and heeds nothing meant for others.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createNotifyServer } from '../src/index.js';
import { relayBinder } from '../src/relay-receiver.js';
import { eventually } from './helpers/eventually.js';
import { noTool } from './helpers/node-features.js';
import { clean, scratch } from './helpers/receiver.js';

const execute = promisify(execFile);
const scripts = fileURLToPath(new URL('../../relay', import.meta.url));
const library = new URL('../src/index.js', import.meta.url).href;
const tell = (path: string, ...args: string[]) =>
  execute('systemd-notify', args, { env: { ...clean(process.env), NOTIFY_SOCKET: path } });

/** Pids of relays that are children of this process. */
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
  test(`${transport}: killed, it comes back with all its sockets`, { skip: noTool }, async (t) => {
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
      // A socket that is wanted meanwhile is opened by the next one.
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
        await tell(socket?.path ?? '', `--status=${round}`);
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

  test(`${transport}: it leaves with whoever started it, even killed, and takes its paths along`, async (t) => {
    const directory = join(scratch(t), 's');
    const script = `import { createNotifyServer } from ${JSON.stringify(library)};
      const server = createNotifyServer({ directory: ${JSON.stringify(directory)}, transports: ['${transport}'] });
      await server.open(() => {});
      console.log('open');
      setInterval(() => {}, 1000);`;
    // A descriptor that everybody inherits, as from a careless parent, beyond what Node closes.
    const careless = openSync('/dev/zero', 'r');
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit', ...Array(57).fill('ignore'), careless],
    });
    await once(
      createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }),
      'line',
    );
    const [pid = 0] = relaysOf(child.pid ?? 0);
    for (const signal of [
      'SIGTERM',
      'SIGINT',
      'SIGHUP',
      'SIGQUIT',
      'SIGUSR1',
      'SIGUSR2',
    ] as const) {
      process.kill(pid, signal);
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

  test(`${transport}: one that hangs is given up and replaced`, async (t) => {
    const folder = scratch(t);
    const failures: string[] = [];
    const binder = relayBinder(
      [transport],
      ({ message }) => failures.push(message),
      '',
      scripts,
      1500,
    );
    t.after(() => binder.close());
    const ignore = () => {};
    await binder.bind(join(folder, 'a'), ignore);
    const [pid = 0] = relaysOf(process.pid);
    process.kill(pid, 'SIGSTOP');
    const answer = binder.bind(join(folder, 'b'), ignore);
    await assert.rejects(answer, /cannot bind .*b: the relay has not answered for 1500 ms/);
    await binder.bind(join(folder, 'c'), ignore);
    assert.equal(failures.length, 1);
    assert.ok(!existsSync(`/proc/${pid}`));
    assert.deepEqual(readdirSync(folder), ['a', 'c']);
  });

  test(`${transport}: what the environment says to the language does not matter`, async (t) => {
    const directory = join(scratch(t), 's');
    const script = `import { createNotifyServer } from ${JSON.stringify(library)};
      const server = createNotifyServer({ directory: ${JSON.stringify(directory)}, transports: ['${transport}'] });
      await server.open(() => {});
      console.log(server.transport);
      await server.close();`;
    const env = {
      ...process.env,
      PERL5OPT: '-MNoSuchModule',
      PYTHONSTARTUP: '/nonexistent',
      PYTHONHOME: '/nonexistent',
      NOTIFY_SOCKET: '/nonexistent',
    };
    const { stdout, stderr } = await execute(
      process.execPath,
      ['--input-type=module', '-e', script],
      { env },
    );
    assert.deepEqual([stdout, stderr], [`${transport}\n`, '']);
  });
}

test('a program that is there but does not run is passed over', async (t) => {
  const folder = scratch(t);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  // As a shim of pyenv without a version.
  for (const name of ['perl', 'python3']) {
    writeFileSync(join(bin, name), '#!/bin/sh\necho "no version set" >&2\nexit 127\n');
    chmodSync(join(bin, name), 0o755);
  }
  const script = `import { createNotifyServer } from ${JSON.stringify(library)};
    const server = createNotifyServer({ directory: ${JSON.stringify(join(folder, 's'))}, transports: ['perl'] });
    await server.open(() => {});
    console.log(server.transport);
    await server.close();`;
  const env = { ...process.env, PATH: `${bin}:/usr/bin` };
  const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script], {
    env,
  });
  assert.equal(stdout, 'perl\n');
});
