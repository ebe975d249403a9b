// Each example keeps its clients through a reload, a broken version and a stop. The commands of its README are run by
// e2e/documented-commands; here they start it and break it, in a copy of the files.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, connectTo, get } from './helpers/client.js';
import { copyOfRepository } from './helpers/documents/page-session.js';
import { cannotRun, commandsOf, readPage, wordsOf } from './helpers/documents/pages.js';
import { eventually } from './helpers/eventually.js';
import { node, root } from './helpers/paths.js';
import { answers, knock } from './helpers/polling-client.js';
import { startSupervisor } from './helpers/supervisor.js';

const names = readdirSync(join(root, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

test('the index names every example', () => {
  const index = readPage('examples/README.md');
  const named = [...index.matchAll(/^- \[(.+)\]\(\1\/README\.md\): /gm)].map(([, name]) => name);
  assert.deepEqual(named.toSorted(), names.toSorted());
});

for (const name of names) {
  const skip = cannotRun(name);

  test(`${name} loses no client when it is reloaded, broken, repaired and stopped`, {
    skip,
  }, async (t) => {
    const { master, address, folder } = await startExample(t, name);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const clients = [knock(address), knock(address, '/', agent)];
    t.after(() => Promise.all(clients.map((client) => client.stop())));
    assert.equal((await master.client('reload')).status, 0);
    await master.settled(2);

    const text = readPage(`examples/${name}/README.md`);
    const [, line, file = ''] = /\bput\s`(.+?)`\sat\sthe\stop\sof\s`(.+?)`/.exec(text) ?? [];
    assert.ok(line, 'the README says how to break it');
    const whole = readFileSync(join(folder, file), 'utf8');
    await writeFile(join(folder, file), `${line};\n${whole}`);
    const { status, stderr } = await master.client('reload');
    assert.equal(status, 1);
    assert.match(stderr, /generation 2 keeps serving: .*Error: oops/s);
    await writeFile(join(folder, file), whole);
    assert.equal((await master.client('reload')).status, 0);
    await master.settled(4);

    for (const client of clients) {
      await client.stop();
      assert.deepEqual(client.failures, []);
      assert.ok(client.answers.length > 0);
    }
    agent.destroy();
    assert.equal((await master.client('stop')).status, 0);
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
    if (address.startsWith('unix:')) assert.equal(existsSync(address.slice(5)), false);
    const warnings = master.log().filter(({ level, event = '' }) => {
      return level > 30 && !['rolledBack', 'kill'].includes(event);
    });
    assert.deepEqual(warnings, []);
  });

  if (!name.startsWith('typescript-')) continue;
  test(`${name} serves a greeting that is saved while it runs under dev`, { skip }, async (t) => {
    const { master, address, folder } = await startExample(t, name, ['dev', '--log-level', 'info']);
    assert.match(await get(address), /^hello/);
    const [, file = ''] = /greeting in `(\S+)`/.exec(readPage(`examples/${name}/README.md`)) ?? [];
    const greeting = readFileSync(join(folder, file), 'utf8');
    await writeFile(join(folder, file), greeting.replaceAll('hello', 'good day'));
    await answers(address, /^good day/);
    const { msg } = await master.logged('filesChanged');
    assert.equal(msg, `changed: examples/${name}/${file}`);
  });
}

test('database closes after the last connection and the queue', async (t) => {
  const { master, address, report } = await startExample(t, 'database');
  const old = report.workers[0]?.pid;
  const said = () =>
    master
      .output()
      .split('\n')
      .filter((line) => line.startsWith(`${old}: `))
      .map((line) => line.slice(`${old}: `.length).replace(/ on http.*/, ''));
  const order = await beginOrder(address);

  assert.equal((await master.client('reload')).status, 0);
  await eventually('the old worker retires', said, (lines) => lines.includes('retiring'));
  assert.match(await get(address), /^0 orders/, 'the new worker has a database of its own');
  assert.deepEqual(said(), ['listening', 'retiring'], 'an order is still on its way');
  assert.equal(await order.finish(), '202 accepted\n');
  await master.settled(2);

  assert.deepEqual(said(), [
    'listening',
    'retiring',
    'POST answered',
    'queue flushed, 1 written',
    'database closed',
  ]);
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  assert.match(master.output(), /queue flushed, 0 written\n\d+: database closed\n$/);
  assert.deepEqual(
    master.log().filter(({ level }) => level > 30),
    [],
  );
});

/** Starts it as the first command of its README does, but where a test may listen. */
async function startExample(t: TestContext, name: string, before: readonly string[] = []) {
  const cwd = copyOfRepository(t);
  const [{ line = '' } = {}] = commandsOf(`examples/${name}/README.md`);
  const socket = join(cwd, 'hello.sock');
  const start = wordsOf(line)
    .slice(2)
    .map((word) =>
      word.replace(/^:(\d+)$/, '127.0.0.1:0?for=$1').replace('/tmp/hello.sock', socket),
    );
  const port = start.some((word) => word.includes(socket)) ? socket : '0';
  const PORT = start.includes('--listen') && port === '0' ? undefined : port;
  const PATH = `${dirname(node)}:${process.env.PATH}`;
  const master = startSupervisor(t, [...before, ...start], { cwd, env: { PATH, PORT } });
  const report = await master.settled(1);
  return { master, report, address: addressOf(report), folder: join(cwd, 'examples', name) };
}

/** A request whose body is still missing; a worker has it in hand when this resolves. */
async function beginOrder(address: string, body = 'tea') {
  const headers = { expect: '100-continue', 'content-length': Buffer.byteLength(body) };
  const order = request({ agent: false, method: 'POST', headers, ...connectTo(address) });
  const answer = new Promise<string>((resolve, reject) => {
    order.on('error', reject);
    order.on('response', async (response) => {
      const parts = await response.setEncoding('utf8').toArray();
      resolve(`${response.statusCode} ${parts.join('')}`);
    });
  });
  order.flushHeaders();
  await Promise.race([new Promise((resolve) => order.once('continue', resolve)), answer]);
  return {
    finish() {
      order.end(body);
      return answer;
    },
  };
}
