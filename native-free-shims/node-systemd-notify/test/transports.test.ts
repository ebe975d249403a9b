// Each way to the service manager, against a receiver to which the kernel attests who sends.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import type { Transport } from '../src/index.js';
import { noFfi, noTool } from './helpers/node-features.js';
import { fixture, type Receiver, receive, run } from './helpers/receiver.js';

/** How a process is started that can speak by that way only. */
function start(way: Transport, { path }: Receiver) {
  const only = `const said = []; const notifier = lib.createNotifier({
    transports: ['${way}'], onFailure: (error) => said.push(error.message) });`;
  if (way !== 'fd') return { only, options: { env: { NOTIFY_SOCKET: path } } };
  return {
    only,
    options: { env: { FDSTORE: '2' }, before: ['python3', fixture('open-file.py'), path] },
  };
}

/** Without the barrier of the tool, which is a message of its own. */
async function nextMessage(receiver: Receiver) {
  for (;;) {
    const datagram = await receiver.next();
    if (datagram.text !== 'BARRIER=1') return datagram;
  }
}

const ways: [Transport, string | false][] = [
  ['fd', false],
  ['ffi', noFfi],
  ['tool', noTool],
];
const direct = ways.filter(([way]) => way !== 'tool');

for (const [way, skip] of ways) {
  test(`${way}: messages arrive whole, in order, and from whom they should`, {
    skip,
  }, async (t) => {
    const receiver = await receive(t);
    const { only, options } = start(way, receiver);
    const told = await run(
      `${only}
      const sent = [notifier.ready('one\\nMAINPID=1'), notifier.notify({ X_A: 1, X_B: 'b=c' }),
        notifier.extendTimeout(1500), notifier.mainPid(17), notifier.errno(5, 'e'),
        notifier.removeFd('web'), notifier.watchdog(), notifier.stopping()];
      await notifier.flush();
      console.log(JSON.stringify([notifier.transport, await Promise.all(sent), said]));`,
      options,
    );
    assert.equal(told.stderr, '');
    assert.deepEqual(JSON.parse(told.stdout), [way, Array(8).fill(true), []]);
    const got = [];
    for (let i = 0; i < 8; i += 1) got.push(await nextMessage(receiver));
    assert.deepEqual(
      got.map(({ text }) => text),
      [
        'READY=1\nSTATUS=one MAINPID=1',
        'X_A=1\nX_B=b=c',
        'EXTEND_TIMEOUT_USEC=1500000',
        'MAINPID=17',
        'ERRNO=5\nSTATUS=e',
        'FDSTOREREMOVE=1\nFDNAME=web',
        'WATCHDOG=1',
        'STOPPING=1',
      ],
    );
    // systemd-notify speaks for its parent where it may, as root.
    const root = process.getuid?.() === 0;
    if (way !== 'tool' || root) for (const { pid } of got) assert.equal(pid, told.pid);
  });

  test(`${way}: a reload carries the time of its call`, { skip }, async (t) => {
    const receiver = await receive(t);
    const { only, options } = start(way, receiver);
    const before = process.hrtime.bigint() / 1000n;
    await run(`${only} await notifier.reloading('again');`, options);
    const { text } = await nextMessage(receiver);
    const after = process.hrtime.bigint() / 1000n;
    const [, usec = ''] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)\nSTATUS=again$/.exec(text) ?? [];
    assert.ok(before < BigInt(usec) && BigInt(usec) < after, text);
  });

  test(`${way}: a dead socket is a false and a reason, no exception`, { skip }, async (t) => {
    const receiver = await receive(t);
    const { only, options } = start(way, receiver);
    const told = await run(
      `${only}
      await midway();
      console.log(JSON.stringify([await notifier.ready(), await notifier.status('x')]));
      console.log(said.length, said[0]);`,
      { ...options, midway: receiver.end },
    );
    assert.equal(told.stderr, '');
    assert.match(told.stdout, /^\[false,false\]\n2 cannot notify: .*(ECONNREFUSED|refused)/);
  });

  test(`${way}: no warning about the insides of Node, all others`, { skip }, async (t) => {
    const receiver = await receive(t);
    const { only, options } = start(way, receiver);
    const told = await run(
      `${only}
      console.log(await notifier.ready());
      process.emitWarning('of the app', 'ExperimentalWarning');
      process.emitWarning('old', 'DeprecationWarning', 'DEP0111');`,
      { ...options, flags: ['--pending-deprecation'] },
    );
    assert.equal(told.stdout, 'true\n');
    assert.deepEqual(told.stderr.match(/\S+Warning: .*/g), [
      'ExperimentalWarning: of the app',
      'DeprecationWarning: old',
    ]);
  });

  test(`${way}: an abstract address`, { skip }, async (t) => {
    const receiver = await receive(t, { path: `@notify-${process.pid}-${way}` });
    const { only, options } = start(way, receiver);
    const told = await run(`${only} console.log(await notifier.ready(), ...said);`, options);
    assert.equal(told.stdout, 'true\n');
    assert.equal((await nextMessage(receiver)).text, 'READY=1');
  });
}

for (const [way, skip] of direct) {
  test(`${way}: what is said last is out before the process exits`, { skip }, async (t) => {
    const receiver = await receive(t);
    const { only, options } = start(way, receiver);
    await run(`${only} notifier.stopping('bye'); process.reallyExit(0);`, options);
    assert.equal((await nextMessage(receiver)).text, 'STOPPING=1\nSTATUS=bye');
  });

  test(`${way}: a receiver that is slow to read does not hold up the process`, {
    skip,
  }, async (t) => {
    const receiver = await receive(t, { idle: true });
    const { only, options } = start(way, receiver);
    // The kernel queues net.unix.max_dgram_qlen, at most a few hundred.
    const queue = await queueLength();
    const told = await run(
      `${only}
      const sent = [];
      for (let i = 0; i < ${queue + 40}; i += 1) sent.push(notifier.notify({ X_N: i }));
      for (let i = 0; i < 40; i += 1) sent.push(notifier.status('status ' + i));
      sent.push(notifier.stopping());
      // Nobody has read anything before this line is out.
      await midway();
      const all = await Promise.all(sent);
      console.log(all.length, all.every(Boolean), ...said);`,
      { ...options, midway: async () => receiver.wake() },
    );
    assert.equal(told.stdout, `${queue + 81} true\n`);
    for (let i = 0; i < queue + 40; i += 1) assert.equal((await receiver.next()).text, `X_N=${i}`);
    assert.equal((await receiver.next()).text, 'STATUS=status 39');
    assert.equal((await receiver.next()).text, 'STOPPING=1');
  });

  test(`${way}: descriptors are stored, and stay open here`, { skip }, async (t) => {
    const receiver = await receive(t);
    const { only, options } = start(way, receiver);
    const told = await run(
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
      ${way === 'fd' ? "console.log(await notifier.storeFd(server._handle.fd, 'x'), said.pop());" : ''}
      const bad = [await notifier.storeFd(9999, 'none'), await notifier.storeFd(file, 'a:b')];
      console.log(JSON.stringify({ sent, bad, links: [link(server._handle.fd), link(file)], said }));
      server.close();`,
      { ...options, flags: ['--expose-gc'] },
    );
    const [inUse = '', result = inUse] = told.stdout.trim().split('\n');
    if (way === 'fd')
      assert.match(inUse, /^false cannot pass .*: Node works with it; give the handle/);
    const { sent, bad, links, said } = JSON.parse(result);
    assert.deepEqual(
      [sent, bad],
      [
        [true, true, true],
        [false, false],
      ],
    );
    assert.equal(said.length, 2);
    assert.match(said[0], /EBADF/);
    assert.match(said[1], /cannot store a:b: not a name for a descriptor/);
    const web = await receiver.next();
    assert.deepEqual([web.text, web.fds, web.pid], ['FDSTORE=1\nFDNAME=web', [links[0]], told.pid]);
    const file = await receiver.next();
    assert.deepEqual([file.text, file.fds], ['FDSTORE=1\nFDNAME=file\nFDPOLL=0', ['/dev/zero']]);
    assert.deepEqual((await receiver.next()).fds, []);
  });
}

test('ffi: a manager that was replaced at the same path is reached', { skip: noFfi }, async (t) => {
  const receiver = await receive(t);
  const { only, options } = start('ffi', receiver);
  let second: Receiver | null = null;
  const told = await run(
    `${only} console.log(await notifier.status('to the first')); await midway();
    console.log(await notifier.status('to the second'));`,
    {
      ...options,
      midway: async () => {
        second = await replace(t, receiver);
      },
    },
  );
  assert.match(told.stdout, /true\ntrue\n$/);
  assert.equal((await (second as unknown as Receiver).next()).text, 'STATUS=to the second');
});

async function replace(t: TestContext, first: Receiver): Promise<Receiver> {
  await first.end();
  rmSync(first.path);
  return receive(t, { path: first.path });
}

async function queueLength(): Promise<number> {
  return Number(await readFile('/proc/sys/net/unix/max_dgram_qlen', 'utf8'));
}
