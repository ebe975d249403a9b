// Apps and surroundings that do odd things, as real ones do.
import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { node } from '../../helpers/paths.js';
import { startServingCommand } from '../../helpers/serving.js';
import { type SupervisorOptions, scratch, startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

const SERVER = "import { createServer } from 'node:http';\nimport fs from 'node:fs';\n";

const COMMAND = ['--', node, 'app.mjs'];

/** A directory with `app.mjs`, an app of this text, and how to write another text. */
function appOf(t: TestContext, text: string) {
  const cwd = scratch(t);
  const write = (app: string) => writeFileSync(join(cwd, 'app.mjs'), SERVER + app);
  write(text);
  return { cwd, write };
}

/** Starts an app of this text. */
async function startApp(t: TestContext, text: string, options: SupervisorOptions = {}) {
  const { cwd, write } = appOf(t, text);
  return { write, ...(await startServingCommand(t, COMMAND, { cwd, ...options })) };
}

const answer = (address: string, expected: string) =>
  eventually(
    `${expected} from ${address}`,
    () => get(address),
    (body) => body === expected,
  );

test('a unix path that the retiring worker removes is given back', async (t) => {
  const { master, address } = await startApp(
    t,
    `const server = createServer((_, response) => response.end('here')).listen('app.sock');
    process.on('SIGTERM', () => server.close(() => { fs.unlinkSync('app.sock'); process.exit(0); }));`,
  );
  assert.equal((await master.client('reload')).status, 0);
  await master.settled(2);
  await answer(address, 'here');
});

test('a failed generation that removed the unix path first leaves the old one reachable', async (t) => {
  const remove = "fs.rmSync('app.sock', { force: true });\n";
  const listen = "createServer((_, response) => response.end('here')).listen('app.sock');";
  const { master, address, write } = await startApp(t, remove + listen);
  write(`${remove}throw new Error('broken');`);
  assert.equal((await master.client('reload')).status, 1);
  await answer(address, 'here');
});

test('listening for a moment, to see whether a port is free, proves nothing', async (t) => {
  const { cwd, write } = appOf(t, "createServer((_, response) => response.end('good')).listen(0);");
  const words = ['--start-timeout', '8s', ...COMMAND];
  const { master, address } = await startServingCommand(t, words, { cwd });
  write(
    'const trial = createServer().listen(0, () => trial.close(() => setInterval(() => {}, 1e6)));',
  );
  const { status, stderr } = await master.client('reload');
  assert.equal(status, 1);
  assert.match(stderr, /never listened/);
  assert.equal(await get(address), 'good');
});

test('a port that the app closes and opens again stays its own', async (t) => {
  const { cwd } = appOf(
    t,
    `const answer = (_, response) => response.end('again');
    const first = createServer(answer).listen(0, () => setImmediate(() => setImmediate(() => {
      const { port } = first.address();
      first.close(() => createServer(answer).listen(port));
    })));`,
  );
  // Between the two there is no socket.
  const master = startSupervisor(t, COMMAND, { cwd });
  const { generation } = await served(master);
  await eventually(
    'it answers',
    async () => get(addressOf(await master.status())),
    (body) => body === 'again',
  );
  assert.equal(generation, 1);
});

/** Answers with `events`, and runs `listenAgain` on its port when the master holds the socket. */
const listensTwice = (listenAgain: string) => `
  import { Server } from 'node:net';
  import { getEventListeners } from 'node:events';
  const events = [];
  const first = createServer((_, response) => response.end(events.join()));
  first.listen(0, () => setImmediate(() => setImmediate(listenAgain)));
  async function listenAgain() { const { port } = first.address(); ${listenAgain} }`;

test('a busy listen() with a signal listens once and closes once, and later changes of its options do not matter', async (t) => {
  const { address } = await startApp(
    t,
    listensTwice(`
      const abort = new AbortController();
      const options = { port, signal: abort.signal };
      const second = createServer().on('close', () => events.push('close'));
      second.on('listening', () => {
        events.push('listening', second.address().port === port);
        events.push(getEventListeners(abort.signal, 'abort').length);
        abort.abort();
      });
      second.listen(options);
      options.port = 1;`),
  );
  await answer(address, 'listening,true,1,close');
});

test('when a busy listen() cannot be repeated, the app gets the error', async (t) => {
  const { address } = await startApp(
    t,
    listensTwice(`
      const { listen } = Server.prototype;
      Server.prototype.listen = function (...args) {
        if (events.push('listen') > 1) throw new Error('refused');
        return listen.apply(this, args);
      };
      createServer().on('error', ({ code }) => events.push(code)).listen(port);`),
  );
  await answer(address, 'listen,listen,EADDRINUSE');
});

test('variables that a shell could not hold arrive, and a stray descriptor does not', async (t) => {
  const stray = openSync('/etc/passwd', 'r');
  t.after(() => closeSync(stray));
  const { address } = await startApp(
    t,
    `createServer((_, response) => response.end(JSON.stringify({
      odd: process.env['my-var.x'],
      stray: fs.readlinkSync('/proc/self/fd/40'),
    }))).listen(0);`,
    { env: { 'my-var.x': 'a b' }, stray },
  );
  assert.deepEqual(JSON.parse(await get(address)), { odd: 'a b', stray: '/dev/null' });
});
