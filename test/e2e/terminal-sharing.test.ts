// The terminal of `dev`, to which graceful-run and its workers write: no line in the middle of another, and a terminal
// that nobody reads holds up nobody but those who write.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { get } from '../helpers/client.js';
import { dev, pidsOf, place, served } from '../helpers/dev-terminal.js';
import { project, startDev, visit } from '../helpers/developing.js';
import { eventually } from '../helpers/eventually.js';
import { openPseudoTerminal } from '../helpers/pseudo-terminal.js';
import { runCommand } from '../helpers/supervisor.js';

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
const HELP_LINES = 8;

async function start(t: TestContext, ...flags: string[]) {
  const where = place(t, project(t, { 'app.mjs': FLOODS }));
  const words = [...dev.slice(0, 3), ...flags, ...dev.slice(3)];
  const terminal = openPseudoTerminal(t, words, where);
  const address = await served(terminal);
  const client = (command: string) => runCommand([command, '--name', 'web'], where);
  return { terminal, address, where, client };
}

test('no line is torn, whoever writes', async (t) => {
  const { terminal, address } = await start(t);
  const before = terminal.output().length;
  await get(address, '/flood');
  let pressed = 0;
  await eventually('the last line', () => {
    terminal.type('h');
    pressed += 1;
    return terminal.output().includes(`| ${LINES} x`);
  });
  terminal.type('q');
  assert.equal(await terminal.exited(), 0);
  const text = terminal.output().slice(before);
  const help = /^\n {2}r {7}reload: .*\n(?: {2}\S.*\n){6}\n/gm;
  assert.equal(text.match(help)?.length, pressed);
  const rest = text.replace(help, '').split('\n');
  const numbers = rest.map((line) => /^web\.1 g1 \| (\d+) x{300}$/.exec(line)?.[1]);
  assert.deepEqual(
    numbers.filter((one) => one !== undefined),
    Array.from({ length: LINES }, (_, i) => String(i + 1)),
  );
  const others = rest.filter((_, i) => numbers[i] === undefined);
  assert.equal(others.length, 2, others.join('\n'));
  assert.match(others[0] ?? '', /^· stopping/);
});

/** More than a terminal holds. */
const MUCH = 'h'.repeat(500);

for (const mode of ['prefix', 'inherit']) {
  test(`a terminal that nobody reads stops no command, with --output ${mode}`, {
    timeout: 60_000,
  }, async (t) => {
    const { terminal, address, where, client } = await start(t, '--output', mode);
    const { master, worker } = await pidsOf(where);
    terminal.freeze();
    terminal.type(MUCH);
    await get(address, '/flood');
    await eventually('the worker waits', standsStill(worker));
    const reload = await client('reload');
    assert.equal(reload.status, 0, reload.stderr);
    const stop = await client('stop');
    assert.equal(stop.status, 0, stop.stderr);
    // Whoever has the other end of the terminal waits for it only when that is read.
    await eventually('its end', () => stateOf(master) === 'Z');
  });
}

test('what was said before the end is written before the end', async (t) => {
  const { terminal } = await start(t);
  const before = terminal.output().length;
  terminal.freeze();
  terminal.type(`${MUCH}q`);
  terminal.thaw();
  assert.equal(await terminal.exited(), 0);
  const text = terminal.output().slice(before);
  assert.equal(text.split('\n').length, MUCH.length * (HELP_LINES + 1) + 2);
  assert.match(text, /\n· stopping.*\n$/);
});

test('with --output json the records have stdout for themselves', async (t) => {
  const app = project(t, { 'app.mjs': `console.log('mine');\n${FLOODS}` });
  const master = startDev(t, app, { flags: ['--output', 'json', '--log-level', 'silent'] });
  const [out, err] = [master.child.stdout, master.child.stderr].map((stream) => {
    const texts: string[] = [];
    stream?.on('data', (text: string) => texts.push(text));
    return () => texts.join('');
  });
  await visit(t, master);
  await eventually('the record', () => out?.().includes('"msg":"mine"'));
  await eventually('the story', () => /g1 serves.*\nserving .*\nwatching .*\n/.test(err?.() ?? ''));
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
