// Paths of unix sockets, claimed and released while other processes claim the same ones.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { claimPath, releasePath, temporaryNameFor } from '../../src/linux/unix-socket-path.js';
import { leaveDeadSocket } from '../helpers/sockets/held-socket.js';
import { scratch } from '../helpers/supervisor.js';

async function listen(t: TestContext, path: string): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).end('served'));
  t.after(() => server.close());
  await new Promise((resolve) => server.listen(path, () => resolve(null)));
  return server;
}

async function answerOf(path: string): Promise<string> {
  const socket = connect({ path });
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

test('a free path and the path of a dead socket are claimed', async (t) => {
  const directory = scratch(t);
  for (const prepare of [async () => {}, leaveDeadSocket]) {
    const path = join(directory, `app${readdirSync(directory).length}`);
    await prepare(path);
    const before = lstatSync(path, { throwIfNoEntry: false })?.ino;
    const temporary = temporaryNameFor(path) ?? '';
    await listen(t, temporary);
    const { ino } = lstatSync(temporary);
    assert.deepEqual(await claimPath(temporary, path), { ok: true, inode: ino });
    assert.notEqual(ino, before);
    assert.equal(await answerOf(path), 'served');
  }
  assert.deepEqual(readdirSync(directory).sort(), ['app0', 'app1']);
});

test('a live socket, a file, a directory and a link are refused and not changed', async (t) => {
  const directory = scratch(t);
  const at = (name: string) => join(directory, name);
  await listen(t, at('live'));
  writeFileSync(at('file'), 'precious');
  mkdirSync(at('directory'));
  symlinkSync('live', at('link'));
  symlinkSync('nowhere', at('dangling'));
  const noSocket = 'a file that is not a socket is there';
  const rows: [string, string][] = [
    ['live', 'another process is listening on it'],
    ['file', noSocket],
    ['directory', noSocket],
    ['link', noSocket],
    ['dangling', noSocket],
  ];
  const before = readdirSync(directory).sort();
  for (const [name, why] of rows) {
    await listen(t, at('temporary'));
    assert.deepEqual(await claimPath(at('temporary'), at(name)), { ok: false, why });
  }
  assert.deepEqual(readdirSync(directory).sort(), before);
  assert.equal(await answerOf(at('live')), 'served');
  assert.equal(readFileSync(at('file'), 'utf8'), 'precious');
});

test('a path is released only while it is the claimed file', async (t) => {
  const directory = scratch(t);
  const path = join(directory, 'app.sock');
  await listen(t, path);
  const { ino } = lstatSync(path);
  releasePath(path, ino + 1);
  assert.equal(await answerOf(path), 'served');
  releasePath(path, ino);
  releasePath(path, ino);
  assert.deepEqual(readdirSync(directory), []);
  // A path that cannot be removed is not an error.
  releasePath(directory, lstatSync(directory).ino);
  assert.equal(lstatSync(directory).isDirectory(), true);
});

test('a temporary name is unique, and null if it or the path is too long for the kernel', () => {
  const rows: [path: string, fits: boolean][] = [
    ['/run/a', true],
    [`/run/${'a'.repeat(102)}`, true],
    [`/run/${'a'.repeat(103)}`, false],
    // It counts bytes.
    [`/run/${'é'.repeat(52)}`, false],
    // The path would do, but not the name beside it.
    [`/${'a'.repeat(104)}/b`, false],
  ];
  for (const [path, fits] of rows) {
    const name = temporaryNameFor(path);
    assert.equal(name !== null, fits, path);
    if (name) assert.ok(Buffer.byteLength(name) <= 107, name);
  }
  assert.notEqual(temporaryNameFor('/run/a'), temporaryNameFor('/run/b'));
});

const PROCESSES = 4;
const TASKS = 5;
const ROUNDS = 5;
/** Binds a few sockets beside the path it is told, says so; claims the path for each when it is told to. */
const CLAIMER = `
import { createServer } from 'node:net';
import { claimPath, temporaryNameFor } from ${JSON.stringify(new URL('../../src/linux/unix-socket-path.js', import.meta.url).href)};
let bound = [];
const bindOne = (path, task) => new Promise((resolve) => {
  const me = process.pid + '.' + task;
  const temporary = temporaryNameFor(path);
  createServer((socket) => socket.on('error', () => {}).end(me))
    .listen(temporary, () => resolve({ me, temporary }));
});
const claimOne = async (path, { me, temporary }) => (await claimPath(temporary, path)).ok ? [me] : [];
process.on('disconnect', () => process.exit());
process.on('message', async ({ bind, claim }) => {
  if (bind) bound = await Promise.all(Array.from({ length: ${TASKS} }, (_, task) => bindOne(bind, task)));
  const winners = claim ? await Promise.all(bound.map((one) => claimOne(claim, one))) : [];
  process.send(winners.flat());
});
process.send([]);
`;

test(`of ${PROCESSES * TASKS} tasks that claim one path exactly one gets it, and clients reach it`, async (t) => {
  const directory = scratch(t);
  writeFileSync(join(directory, 'claimer.mjs'), CLAIMER);
  const all: ChildProcess[] = [];
  t.after(() => {
    for (const one of all) one.kill('SIGKILL');
  });
  for (let i = 0; i < PROCESSES; i += 1) all.push(fork(join(directory, 'claimer.mjs')));
  const answers = async () => {
    const heard = await Promise.all(all.map((one) => once(one, 'message')));
    return heard.flatMap(([message]) => message as string[]);
  };
  const ask = (order: object) => {
    const heard = answers();
    for (const one of all) one.send(order);
    return heard;
  };
  await answers();
  for (let round = 0; round < ROUNDS; round += 1) {
    const path = join(directory, `${round}.sock`);
    // A dead one is there, so that all of them want to move it out of the way.
    await leaveDeadSocket(path);
    await ask({ bind: path });
    const winners = await ask({ claim: path });
    assert.deepEqual(winners, [await answerOf(path)], `round ${round}`);
  }
  const left = readdirSync(directory).filter((name) => name !== 'claimer.mjs');
  assert.deepEqual(
    left.sort(),
    Array.from({ length: ROUNDS }, (_, i) => `${i}.sock`),
  );
});
