// The server for workers: both relay programs, against real senders.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import {
  createNotifyServer,
  type NotifyServerOptions,
  type ServerTransport,
} from '../src/index.js';
import { eventually } from './helpers/eventually.js';
import { noTool } from './helpers/node-features.js';
import { clean, fixture, run, scratch } from './helpers/receiver.js';

const execute = promisify(execFile);
const transports: ServerTransport[] = ['perl', 'python3'];

function serve(
  t: TestContext,
  transport: ServerTransport = 'perl',
  more: Partial<NotifyServerOptions> = {},
) {
  const failures: string[] = [];
  const directory = join(scratch(t), 'sockets');
  const onFailure = ({ message }: Error) => void failures.push(message);
  const server = createNotifyServer({ directory, transports: [transport], onFailure, ...more });
  t.after(() => server.close());
  const got: Record<string, string>[] = [];
  const received = (fields: ReadonlyMap<string, string>) =>
    void got.push(Object.fromEntries(fields));
  return { server, directory, failures, got, received };
}

/** The real program. It exits with status 0 only when its barrier was passed. */
const notify = (path: string, ...args: string[]) =>
  execute('systemd-notify', args, { env: { ...clean(process.env), NOTIFY_SOCKET: path } });

/** Sends datagrams unchanged, each with that number of descriptors. */
const send = (path: string, ...datagrams: [hex: string, fds: number][]) =>
  execute('python3', [fixture('send.py'), path, ...datagrams.flat().map(String)]);

for (const transport of transports) {
  test(`${transport}: a message is received, and the sender passes its barrier`, {
    skip: noTool,
  }, async (t) => {
    const { server, directory, failures, got, received } = serve(t, transport);
    assert.equal(server.transport, null);
    assert.ok(!existsSync(directory));
    const { path } = await server.open(received);
    assert.equal(server.transport, transport);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.ok(statSync(path).isSocket());
    await notify(path, '--ready', '--status=up', 'X_A=b=c');
    await eventually('both arrive', () => got.length === 2);
    assert.deepEqual(got, [{ READY: '1', STATUS: 'up', X_A: 'b=c' }, { BARRIER: '1' }]);
    await server.close();
    assert.deepEqual(failures, []);
    assert.ok(!existsSync(directory));
  });

  test(`${transport}: each socket has its own listener and its own path`, {
    skip: noTool,
  }, async (t) => {
    const { server, directory } = serve(t, transport);
    const got: string[][] = [[], [], []];
    const sockets = await Promise.all(
      got.map((list) => server.open((fields) => void list.push(fields.get('STATUS') ?? '-'))),
    );
    const [one, two, three] = sockets;
    assert.ok(one && two && three);
    assert.equal(readdirSync(directory).length, 3);
    two.close();
    two.close();
    assert.ok(!existsSync(two.path));
    await assert.rejects(notify(two.path, '--ready'));
    await notify(three.path, '--status=c');
    await notify(one.path, '--status=a');
    await notify(one.path, '--status=b');
    await eventually('all arrive', () => got.flat().length === 6);
    assert.deepEqual(got, [['a', '-', 'b', '-'], [], ['c', '-']]);
  });

  test(`${transport}: malformed, empty, large and many datagrams are received in order`, async (t) => {
    const { server, failures, got, received } = serve(t, transport);
    const { path } = await server.open(received);
    const hex = (text: string) => Buffer.from(text).toString('hex');
    const long = hex(`STATUS=${'x'.repeat(20_000)}`);
    await send(path, ['', 0], ['ff00fe0a3d', 0], [long, 0], ['41', 3], ['583d790a', 253]);
    const burst = Array.from({ length: 500 }, (_, i) => `N=${i}`);
    await send(path, ...burst.map((text): [string, number] => [hex(text), 0]));
    await eventually('all arrive', () => got.length === 505);
    const odd = [{}, {}, { STATUS: 'x'.repeat(20_000) }, {}, { X: 'y' }];
    assert.deepEqual(got, [...odd, ...burst.map((_, i) => ({ N: String(i) }))]);
    assert.deepEqual(failures, []);
  });
}

test('a listener that throws is reported and called again', async (t) => {
  const { server, failures } = serve(t);
  let calls = 0;
  const { path } = await server.open(() => {
    calls += 1;
    throw new Error(`call ${calls}`);
  });
  await send(path, ['41', 0], ['42', 0]);
  await eventually('both are reported', () => failures.length === 2);
  assert.deepEqual(failures, ['call 1', 'call 2']);
});

test('an open server does not keep the process running, and nothing of it is left', async (t) => {
  const directory = join(scratch(t), 'sockets');
  const child = await run(
    `const server = lib.createNotifyServer({ directory: ${JSON.stringify(directory)} });
    const { path } = await server.open(() => {});
    console.log(path.length > 0, server.transport !== null);`,
    { flags: ['--pending-deprecation'] },
  );
  assert.deepEqual([child.status, child.stdout, child.stderr], [0, 'true true\n', '']);
  await eventually('nothing is left', () => readdirSync(directory).length === 0);
});

test('a closed server has no sockets and opens none', async (t) => {
  const { server, received } = serve(t);
  const { path } = await server.open(received);
  const late = server.open(received);
  const refused = assert.rejects(late, /the notify server was closed/);
  await server.close();
  await refused;
  assert.ok(!existsSync(path));
  await assert.rejects(server.open(received), /the notify server is closed/);
  await server.close();
});

test('a directory that others may write to is refused', async (t) => {
  const { server, directory, received } = serve(t);
  mkdirSync(directory);
  chmodSync(directory, 0o777);
  await assert.rejects(server.open(received), /no one else may write to/);
  chmodSync(directory, 0o700);
  assert.ok((await server.open(received)).path.startsWith(directory));
  // It existed before, and stays.
  await server.close();
  assert.ok(existsSync(directory));
});

test('a path that is too long for a socket is refused with its length', async (t) => {
  const directory = join(scratch(t), 'x'.repeat(90));
  const { server, received } = serve(t, 'perl', { directory });
  await assert.rejects(server.open(received), /\d+ bytes, a socket has at most 107/);
});

test('a server without any language rejects with the reason', async (t) => {
  const none = serve(t, 'perl', { transports: [] });
  await assert.rejects(
    none.server.open(none.received),
    /cannot receive notify messages: no language is allowed/,
  );
});
