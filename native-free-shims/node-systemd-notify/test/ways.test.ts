// Each way to the service manager, against a receiver to which the kernel attests who sends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '../src/index.js';
import { fixture, type Receiver, receive, run } from './helpers/receiver.js';

const hasFfi = Number(process.versions.node.split('.')[0]) >= 26;
const noFfi = hasFfi ? false : 'this Node has no node:ffi';

/** How a process is started that can speak by that way only. */
function start(way: Transport, { path }: Receiver) {
  const only = `const said = []; const notifier = lib.createNotifier({
    transports: ['${way}'], onFailure: (error) => said.push(error.message) });`;
  if (way !== 'fd') return { only, options: { env: { NOTIFY_SOCKET: path } } };
  return { only, options: { before: ['python3', fixture('open-file.py'), path] } };
}

const ways: [Transport, string | false][] = [
  ['fd', false],
  ['ffi', noFfi],
  ['tool', false],
];

for (const [way, skip] of ways) {
  test(`${way}: messages arrive whole, in order, and from whom they should`, {
    skip,
  }, async (t) => {
    const receiver = await receive(t);
    const { only, options } = start(way, receiver);
    const told = await run(
      `${only}
      const sent = [notifier.ready('one\\nMAINPID=1'), notifier.notify({ X_A: 1, X_B: 'b=c' }),
        notifier.extendTimeout(1500), notifier.stopping()];
      await notifier.flush();
      console.log(JSON.stringify([notifier.transport, await Promise.all(sent), said]));`,
      options,
    );
    assert.equal(told.stderr, '');
    assert.deepEqual(JSON.parse(told.stdout), [way, [true, true, true, true], []]);
    const got = [];
    for (let i = 0; i < 4; i += 1) got.push(await nextMessage(receiver));
    assert.deepEqual(
      got.map(({ text }) => text),
      [
        'READY=1\nSTATUS=one MAINPID=1',
        'X_A=1\nX_B=b=c',
        'EXTEND_TIMEOUT_USEC=1500000',
        'STOPPING=1',
      ],
    );
    // systemd-notify speaks for its parent where it may, as root.
    const root = process.getuid?.() === 0;
    if (way !== 'tool' || root) for (const { pid } of got) assert.equal(pid, told.pid);
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
}

/** Without the barrier of the tool, which is a message of its own. */
async function nextMessage(receiver: Receiver) {
  for (;;) {
    const datagram = await receiver.next();
    if (datagram.text !== 'BARRIER=1') return datagram;
  }
}
