// Each example does what its README says: the commands are read from there, in the order in which a reader
// would type them. Only the address is another one, and the files are a copy, for they get broken too.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, connectTo, get } from './helpers/client.js';
import { copyOfRepository } from './helpers/documents/page-session.js';
import { commandsOf, readPage, wordsOf } from './helpers/documents/pages.js';
import { eventually } from './helpers/eventually.js';
import { node, root } from './helpers/paths.js';
import { knock } from './helpers/polling-client.js';
import { type Supervisor, startSupervisor } from './helpers/supervisor.js';

interface Readme {
  /** The command that starts the example, without `npx graceful-run`. */
  readonly start: readonly string[];
  /** Lines for the second terminal. */
  readonly tries: readonly string[];
  /** `Put <line> at the top of <file>`. */
  readonly break: { readonly line: string; readonly file: string };
}

type Report = Awaited<ReturnType<Supervisor['status']>>;

interface Started {
  readonly master: Supervisor;
  /** Once generation 1 serves. */
  readonly report: Report;
  readonly address: string;
  /** Of its copy. */
  readonly folder: string;
}

/** What is to be seen of one example besides the common story. */
const particulars: Record<string, (answer: string, report: Report) => void> = {
  'several-workers'(answer, { generation, workers }) {
    const [, worker, pid] = /^worker (\d) of generation (\d+, pid \d+)$/m.exec(answer) ?? [];
    const asked = workers.find(({ slot }) => slot === Number(worker));
    assert.equal(pid, `${generation}, pid ${asked?.pid}`, answer);
  },
  'unix-socket'(_answer, report) {
    assert.equal(statSync(addressOf(report).slice('unix:'.length)).mode & 0o777, 0o660);
  },
};

const names = readdirSync(join(root, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

test('the index names every example', () => {
  const index = readFileSync(join(root, 'examples/README.md'), 'utf8');
  const named = [...index.matchAll(/^- \[(.+)\]\(\1\/README\.md\): /gm)].map(([, name]) => name);
  assert.deepEqual(named.toSorted(), names.toSorted());
});

for (const name of names) {
  test(`${name} does what its README says`, { skip: cannotRun(name) }, async (t) => {
    const readme = readReadme(name);
    const { master, address, folder, ...started } = await startExample(t, name, readme);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const clients = [knock(address), knock(address, '/', agent)];
    t.after(() => Promise.all(clients.map((client) => client.stop())));

    assert.match(readme.tries.join('\n'), /\bcurl .+ reload\n.+ stop$/s, 'nothing is left out');
    let report = started.report;
    for (const line of readme.tries.slice(0, -1))
      report = await tryLine(name, line, master, report);
    assert.ok(report.generation > 1);
    await breakAndRepair(readme, master, join(folder, readme.break.file), report.generation);

    for (const client of clients) {
      await client.stop();
      assert.deepEqual(client.failures, []);
      assert.ok(client.answers.length > 0);
    }
    agent.destroy();
    assert.match(readme.tries.at(-1) ?? '', /^npx graceful-run stop$/);
    assert.equal((await master.client('stop')).status, 0);
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
    if (address.startsWith('unix:')) assert.equal(existsSync(address.slice(5)), false);
    const warnings = master.log().filter(({ level, event }) => level > 30 && !isOfBreaking(event));
    assert.deepEqual(warnings, []);
  });
}

for (const name of names.filter((one) => one.startsWith('typescript-'))) {
  test(`${name}, while it is written`, { skip: cannotRun(name) }, async (t) => {
    const readme = readReadme(name);
    const text = readFileSync(join(root, 'examples', name, 'README.md'), 'utf8');
    const [, ...command] = readme.start;
    assert.ok(text.includes(`\`\`\`sh\nnpx graceful-run dev -- ${command.join(' ')}\n`), name);

    const start = ['dev', '--log-level', 'info', ...readme.start];
    const { master, address, folder } = await startExample(t, name, { ...readme, start });
    assert.match(await get(address), /^hello/);
    const [, file = ''] = /greeting in `(\S+)`/.exec(text) ?? [];
    const greeting = readFileSync(join(folder, file), 'utf8');
    await writeFile(join(folder, file), greeting.replaceAll('hello', 'good day'));
    await eventually(
      'the new greeting',
      () => get(address),
      (answer) => answer.startsWith('good day'),
    );
    const { msg } = await master.logged('filesChanged');
    assert.equal(msg, `changed: examples/${name}/${file}`);
  });
}

test('database closes after the last connection and the queue', async (t) => {
  const { master, address, report } = await startExample(t, 'database', readReadme('database'));
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

test('unix-socket runs on another path than its own', async (t) => {
  const text = readFileSync(join(root, 'examples/unix-socket/README.md'), 'utf8');
  const [, spec = ''] = /`--listen '(.+)'`/.exec(text) ?? [];
  const cwd = copyOfRepository(t);
  const [path, appsPath] = [join(cwd, 'web.sock'), join(cwd, 'hello.sock')];
  const listen = spec.replace('/run/app/web.sock', path).replace('/tmp/hello.sock', appsPath);
  const words = ['--listen', listen, '--', node, 'examples/unix-socket/app.js'];
  const master = startSupervisor(t, words, { cwd, env: { PORT: appsPath } });
  const address = addressOf(await master.settled(1));
  assert.equal(address, `unix:${path}`);
  assert.match(await get(address), /^hello/);

  assert.equal((await master.client('stop')).status, 0);
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  assert.deepEqual(
    readdirSync(cwd).filter((name) => name.includes('.sock')),
    [],
  );
});

/** Why this Node does not run an example; false when it does. */
function cannotRun(name: string): string | false {
  if (name !== 'typescript-strip') return false;
  const { stdout } = spawnSync(node, ['-p', 'process.features.typescript'], { encoding: 'utf8' });
  return stdout.trim() === 'strip' ? false : 'this Node does not strip types';
}

function readReadme(name: string): Readme {
  const text = readPage(`examples/${name}/README.md`);
  const [start = '', ...tries] = commandsOf(`examples/${name}/README.md`).map(({ line }) =>
    line.replace(/\s+#.*/, ''),
  );
  const [, line, file] = /\bput\s`(.+?)`\sat\sthe\stop\sof\s`(.+?)`/.exec(text) ?? [];
  assert.match(
    start,
    /^npx graceful-run .*-- node (--import tsx )?examples\/\S+$/,
    'one command starts it',
  );
  assert.ok(line && file, 'the README says how to break it');
  return {
    start: wordsOf(start).slice(2),
    tries: tries.slice(0, tries.indexOf('npx graceful-run stop') + 1),
    break: { line, file },
  };
}

async function startExample(t: TestContext, name: string, readme: Readme): Promise<Started> {
  const cwd = copyOfRepository(t);
  const given = readme.start.includes('--listen');
  const socket = join(cwd, 'hello.sock');
  const start = readme.start.map((word) =>
    word.replace(/^:(\d+)$/, '127.0.0.1:0?for=$1').replace('/tmp/hello.sock', socket),
  );
  const port = start.some((word) => word.includes(socket)) ? socket : given ? undefined : '0';
  const PATH = `${dirname(node)}:${process.env.PATH}`;
  const master = startSupervisor(t, start, { cwd, env: { PATH, PORT: port } });
  const report = await master.settled(1);
  return { master, report, address: addressOf(report), folder: join(cwd, 'examples', name) };
}

/** Does what the line says; resolves with the state of things afterwards. */
async function tryLine(
  name: string,
  line: string,
  master: Supervisor,
  before: Report,
): Promise<Report> {
  const [, command, size] = /^npx graceful-run (\w+) ?(\d*)$/.exec(line) ?? [];
  if (command === undefined) {
    particulars[name]?.(await curl(line, addressOf(before)), before);
    return before;
  }
  const { status, stderr } = await master.client(command, ...(size ? [size] : []));
  assert.equal(status, 0, `${line}: ${stderr}`);
  if (command === 'status') return before;
  const after = await master.settled(before.generation + (command === 'reload' ? 1 : 0));
  if (size) assert.equal(after.workersWanted, Number(size));
  assert.equal(addressOf(after), addressOf(before));
  return after;
}

/** Makes the request of the line, at the address where the example listens now. */
async function curl(line: string, address: string): Promise<string> {
  const [, port = '80'] = /\bcurl .*http:\/\/localhost(?::(\d+))?\b/.exec(line) ?? [];
  assert.equal(port, address.startsWith('unix:') ? '80' : '3000', line);
  const [, body] = / -d (\S+)$/.exec(line) ?? [];
  const answer = body ? await (await beginOrder(address, body)).finish() : await get(address);
  assert.notEqual(answer, '');
  return answer;
}

async function breakAndRepair(
  { break: { line } }: Readme,
  master: Supervisor,
  file: string,
  generation: number,
): Promise<void> {
  const whole = readFileSync(file, 'utf8');
  await writeFile(file, `${line};\n${whole}`);
  const { status, stderr } = await master.client('reload');
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`generation ${generation} keeps serving: .*Error: oops`, 's'));
  await writeFile(file, whole);
  assert.equal((await master.client('reload')).status, 0);
  await master.settled(generation + 2);
}

function isOfBreaking(event: string | undefined): boolean {
  return event === 'rolledBack' || event === 'kill';
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
