// Each transport to the service manager, against a receiver that learns from the kernel who sends.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { TransportName } from '../src/index.js';
import { noTool } from './helpers/node-features.js';
import { fixture, type Receiver, receive, run } from './helpers/receiver.js';

/** How to start a process that uses only this transport. */
function start(transport: TransportName, { path }: Receiver) {
  const only = `const failures = []; const notifier = lib.createNotifier({
    transports: ['${transport}'], onFailure: (error) => failures.push(error.message) });`;
  if (transport !== 'fd') return { only, options: { env: { NOTIFY_SOCKET: path } } };
  return {
    only,
    options: { env: { FDSTORE: '2' }, before: ['python3', fixture('open-file.py'), path] },
  };
}

/** Skips the barrier of systemd-notify, which is a message of its own. */
async function nextMessage(receiver: Receiver) {
  for (;;) {
    const datagram = await receiver.next();
    if (datagram.text !== 'BARRIER=1') return datagram;
  }
}

const transports: [TransportName, string | false][] = [
  ['fd', false],
  ['tool', noTool],
];

for (const [transport, skip] of transports) {
  test(`${transport}: messages arrive complete, in order, and from the right process`, {
    skip,
  }, async (t) => {
    const receiver = await receive(t);
    const { only, options } = start(transport, receiver);
    const child = await run(
      `${only}
      const sent = [notifier.ready('one\\nMAINPID=1'), notifier.notify({ X_A: 1, X_B: 'b=c' }),
        notifier.extendTimeout(1500),
        notifier.removeFd('web'), notifier.watchdog(), notifier.stopping()];
      await notifier.flush();
      console.log(JSON.stringify([notifier.transport, await Promise.all(sent), failures]));`,
      options,
    );
    assert.equal(child.stderr, '');
    assert.deepEqual(JSON.parse(child.stdout), [transport, Array(6).fill(true), []]);
    const got = [];
    for (let i = 0; i < 6; i += 1) got.push(await nextMessage(receiver));
    assert.deepEqual(
      got.map(({ text }) => text),
      [
        'READY=1\nSTATUS=one MAINPID=1',
        'X_A=1\nX_B=b=c',
        'EXTEND_TIMEOUT_USEC=1500000',
        'FDSTOREREMOVE=1\nFDNAME=web',
        'WATCHDOG=1',
        'STOPPING=1',
      ],
    );
    // systemd-notify speaks for its parent where it may, as root.
    const root = process.getuid?.() === 0;
    if (transport !== 'tool' || root) for (const { pid } of got) assert.equal(pid, child.pid);
  });

  test(`${transport}: a dead socket gives false and a reason, not an exception`, {
    skip,
  }, async (t) => {
    const receiver = await receive(t);
    const { only, options } = start(transport, receiver);
    const child = await run(
      `${only}
      await midway();
      console.log(JSON.stringify([await notifier.ready(), await notifier.status('x')]));
      console.log(failures.length, failures[0]);`,
      { ...options, midway: receiver.end },
    );
    assert.equal(child.stderr, '');
    assert.match(child.stdout, /^\[false,false\]\n2 cannot notify: .*(ECONNREFUSED|refused)/);
  });
}

test('fd: a reload carries the time of its call', async (t) => {
  const receiver = await receive(t);
  const { only, options } = start('fd', receiver);
  const before = process.hrtime.bigint() / 1000n;
  await run(`${only} await notifier.reloading('again');`, options);
  const { text } = await receiver.next();
  const after = process.hrtime.bigint() / 1000n;
  const [, usec = ''] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)\nSTATUS=again$/.exec(text) ?? [];
  assert.ok(before < BigInt(usec) && BigInt(usec) < after, text);
});

test('fd: warnings about the internals of Node are not shown, others are', async (t) => {
  const receiver = await receive(t);
  const { only, options } = start('fd', receiver);
  const child = await run(
    `${only}
    console.log(await notifier.ready());
    process.emitWarning('of the app', 'ExperimentalWarning');
    process.emitWarning('old', 'DeprecationWarning', 'DEP0111');`,
    { ...options, flags: ['--pending-deprecation'] },
  );
  assert.equal(child.stdout, 'true\n');
  assert.deepEqual(child.stderr.match(/\S+Warning: .*/g), [
    'ExperimentalWarning: of the app',
    'DeprecationWarning: old',
  ]);
});

test('fd: the last message is sent before the process exits', async (t) => {
  const receiver = await receive(t);
  const { only, options } = start('fd', receiver);
  await run(`${only} notifier.stopping('bye'); process.reallyExit(0);`, options);
  assert.equal((await nextMessage(receiver)).text, 'STOPPING=1\nSTATUS=bye');
});

test('fd: a receiver that is slow to read does not block the process', async (t) => {
  const receiver = await receive(t, { idle: true });
  const { only, options } = start('fd', receiver);
  // The kernel queues net.unix.max_dgram_qlen, at most a few hundred.
  const queue = await queueLength();
  const child = await run(
    `${only}
      const sent = [];
      for (let i = 0; i < ${queue + 80}; i += 1) sent.push(notifier.notify({ X_N: i }));
      sent.push(notifier.stopping());
      // The receiver reads nothing before this line is written.
      await midway();
      const all = await Promise.all(sent);
      console.log(all.length, all.every(Boolean), ...failures);`,
    { ...options, midway: async () => receiver.wake() },
  );
  assert.equal(child.stdout, `${queue + 81} true\n`);
  for (let i = 0; i < queue + 80; i += 1) assert.equal((await receiver.next()).text, `X_N=${i}`);
  assert.equal((await receiver.next()).text, 'STOPPING=1');
});

test('fd: descriptors are stored, and stay open in this process', async (t) => {
  const receiver = await receive(t);
  const { only, options } = start('fd', receiver);
  const child = await run(
    `${only}
      import { createServer } from 'node:net';
      import { openSync, readlinkSync } from 'node:fs';
      const server = createServer().listen(0, '127.0.0.1');
      await onceOf(server, 'listening');
      const link = (fd) => readlinkSync('/proc/self/fd/' + fd);
      const file = openSync('/dev/zero');
      const sent = [await notifier.storeFd(server._handle, 'web'),
        await notifier.storeFd(file, 'file', { poll: false }), await notifier.ready()];
      for (let i = 0; i < 20; i += 1) globalThis.gc();
      console.log(await notifier.storeFd(server._handle.fd, 'x'), failures.pop());
      const bad = [await notifier.storeFd(9999, 'none'), await notifier.storeFd(file, 'a:b')];
      console.log(JSON.stringify({ sent, bad, links: [link(server._handle.fd), link(file)], failures }));
      server.close();`,
    { ...options, flags: ['--expose-gc'] },
  );
  const [inUse = '', result = ''] = child.stdout.trim().split('\n');
  assert.match(inUse, /^false cannot pass .*: Node works with it; give the handle/);
  const { sent, bad, links, failures } = JSON.parse(result);
  assert.deepEqual(
    [sent, bad],
    [
      [true, true, true],
      [false, false],
    ],
  );
  assert.equal(failures.length, 2);
  assert.match(failures[0], /EBADF/);
  assert.match(failures[1], /cannot store a:b: not a name for a descriptor/);
  const web = await receiver.next();
  assert.deepEqual([web.text, web.fds, web.pid], ['FDSTORE=1\nFDNAME=web', [links[0]], child.pid]);
  const file = await receiver.next();
  assert.deepEqual([file.text, file.fds], ['FDSTORE=1\nFDNAME=file\nFDPOLL=0', ['/dev/zero']]);
  assert.deepEqual((await receiver.next()).fds, []);
});

async function queueLength(): Promise<number> {
  return Number(await readFile('/proc/sys/net/unix/max_dgram_qlen', 'utf8'));
}
