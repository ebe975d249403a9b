// graceful-run and its workers write to the terminal of `dev`: no line comes in the middle of another one, and a terminal
// that is not read delays only the workers that write.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { get } from '../helpers/client.js';
import { eventually } from '../helpers/eventually.js';
import { runCommand } from '../helpers/supervisor.js';
import { dev, pidsOf, place, served } from '../helpers/terminal/dev-terminal.js';
import { openPseudoTerminal } from '../helpers/terminal/pseudo-terminal.js';
import { project, startDev, visit } from '../helpers/watch/developing.js';

const LINES = 4000;
/** Writes many lines when it is asked to, some at a time; answers all the while, also where nobody reads them. */
const FLOODS = `import { write } from 'node:fs';
import { createServer } from 'node:http';
let n = 0;
function flood() {
  let text = '';
  for (let i = 0; i < 20; i += 1) text += \`\${n += 1} \${'x'.repeat(300)}\\n\`;
  send(Buffer.from(text));
}
function send(bytes) {
  write(1, bytes, (error, written) => {
    if (written < bytes.length) send(bytes.subarray(written));
    else if (n < ${LINES}) flood();
  });
}
createServer((request, response) => {
  if (request.url === '/flood') flood();
  response.end('flood');
}).listen(0, '127.0.0.1');
`;
const HELP = /^\n(?: {2}press \w \+ enter to .*\n){5}\n/gm;
/** What is typed is not shown, so that the output is only what the programs write. */
const WITHOUT_ECHO = ['sh', '-c', 'stty -echo; exec "$@"', 'sh'];

async function start(t: TestContext, ...flags: string[]) {
  const where = place(t, project(t, { 'app.mjs': FLOODS }));
  const words = [...dev.slice(0, 3), ...flags, ...dev.slice(3)];
  const terminal = openPseudoTerminal(t, [...WITHOUT_ECHO, ...words], where);
  const address = await served(terminal);
  const client = (command: string) => runCommand([command, '--name', 'web'], where);
  return { terminal, address, where, client };
}

test('the lines of graceful-run and of a worker that floods the terminal stay whole', async (t) => {
  const { terminal, address } = await start(t);
  const before = terminal.output().length;
  await get(address, '/flood');
  let pressed = 0;
  await eventually('the last line', () => {
    terminal.type('h\n');
    pressed += 1;
    return terminal.output().includes(`| ${LINES} x`);
  });
  terminal.type('q\n');
  assert.equal(await terminal.exited(), 0);
  const text = terminal.output().slice(before);
  assert.equal(text.match(HELP)?.length, pressed);
  const rest = text.replace(HELP, '').split('\n');
  const numbers = rest.map((line) => /^web\.1 g1 \| (\d+) x{300}$/.exec(line)?.[1]);
  assert.deepEqual(
    numbers.filter((number) => number !== undefined),
    Array.from({ length: LINES }, (_, i) => String(i + 1)),
  );
  const others = rest.filter((_, i) => numbers[i] === undefined);
  assert.equal(others.length, 2, others.join('\n'));
  assert.match(others[0] ?? '', /^· stopping/);
});

/** Their output is more than a terminal holds. */
const COMMANDS = 500;
const MANY_HELPS = 'h\n'.repeat(COMMANDS);

for (const mode of ['prefix', 'inherit']) {
  test(`a terminal that is not read delays no command of a client, with --output ${mode}`, {
    timeout: 60_000,
  }, async (t) => {
    const { terminal, address, where, client } = await start(t, '--output', mode);
    const { master, worker } = await pidsOf(where);
    terminal.freeze();
    terminal.type(MANY_HELPS);
    await get(address, '/flood');
    await eventually('the worker waits', standsStill(worker));
    const reload = await client('reload');
    assert.equal(reload.status, 0, reload.stderr);
    const stop = await client('stop');
    assert.equal(stop.status, 0, stop.stderr);
    // It stays a zombie: the other end of the terminal waits for it only after reading all.
    await eventually('its end', () => stateOf(master) === 'Z');
  });
}

test('what dev has written before its end is shown before its end', async (t) => {
  const { terminal } = await start(t);
  const before = terminal.output().length;
  terminal.freeze();
  terminal.type(`${MANY_HELPS}q\n`);
  terminal.thaw();
  assert.equal(await terminal.exited(), 0);
  const text = terminal.output().slice(before);
  assert.equal(text.match(HELP)?.length, COMMANDS);
  assert.match(text, /\n· stopping.*\n$/);
});

test('with --output json stdout has nothing but records', async (t) => {
  const app = project(t, { 'app.mjs': `console.log('mine');\n${FLOODS}` });
  const master = startDev(t, app, { flags: ['--output', 'json', '--log-level', 'silent'] });
  const [out, err] = [master.child.stdout, master.child.stderr].map((stream) => {
    const texts: string[] = [];
    stream?.on('data', (text: string) => texts.push(text));
    return () => texts.join('');
  });
  await visit(t, master);
  await eventually('the record', () => out?.().includes('"msg":"mine"'));
  await eventually('the lines for people', () =>
    /g1 serves.*\nserving .*\nwatching .*\n/.test(err?.() ?? ''),
  );
  assert.match(err?.() ?? '', /^graceful-run /);
  assert.equal((await master.client('stop')).status, 0);
  await master.exited();
  for (const line of (out?.() ?? '').trimEnd().split('\n')) JSON.parse(line);
  assert.match(err?.() ?? '', /stopping\n$/);
});

/** See proc_pid_stat(5). */
function stateOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
}

/** Whether the process has written, and does not any more. */
function standsStill(pid: number): () => boolean {
  let [last, times] = [0, 0];
  return () => {
    const [, text] = /^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? [];
    const present = Number(text);
    times = present === last && present > 0 ? times + 1 : 0;
    last = present;
    return times >= 20;
  };
}
