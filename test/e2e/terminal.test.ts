// `graceful-run dev` at a terminal: what its user sees, what his keys do, and in which state he gets the terminal back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { get } from '../helpers/client.js';
import { answers, dev, gone, pidsOf, place, press, served } from '../helpers/dev-terminal.js';
import { project, SERVER, saying, TEXT } from '../helpers/developing.js';
import { eventually } from '../helpers/eventually.js';
import {
  assertCooked,
  COOKED,
  openPseudoTerminal,
  openShell,
  RAW,
} from '../helpers/pseudo-terminal.js';
import { runCommand, scratch } from '../helpers/supervisor.js';

const SYNTAX_ERROR = "export const text = 'oops\n";

test('a banner, a line for each save, and an error once', async (t) => {
  const app = project(t);
  const terminal = openPseudoTerminal(t, dev, place(t, app));
  const address = await served(terminal);
  assert.match(
    stripVTControlCharacters(terminal.output()),
    /^graceful-run \d\S+ {2}web\nkeys {6}r reload.*\n▸ g1 serves, \S+s\nserving {3}http:\/\/127\.0\.0\.1:\d+\nwatching {2}the 3 files .*\n$/,
  );

  let before = terminal.output().length;
  app.save(TEXT, saying('two'));
  await terminal.shows(/g2 serves.*\n/, before);
  assert.match(
    terminal.output().slice(before),
    /^▸ g2 serves, \S+s: lib\/words\/text.mjs changed\n$/,
  );
  await answers(address, 'two 2');

  before = terminal.output().length;
  app.save(TEXT, SYNTAX_ERROR);
  await terminal.shows(/^✗ .*g2 keeps serving\n/m, before);
  const told = terminal.output().slice(before);
  assert.match(told, /text\.mjs:1\n/);
  assert.match(told, /export const text = 'oops\n.* \^+\n/);
  assert.match(
    told,
    /^✗ g3 failed: SyntaxError: Invalid or unexpected token.*; g2 keeps serving\n$/m,
  );
  assert.equal(told.match(/text = 'oops/g)?.length, 1, told);
  await answers(address, 'two 2');
  terminal.type('q');
  assert.equal(await terminal.exited(), 0);
});

test('what cannot start waits for the save that repairs it', async (t) => {
  const app = project(t, { ...SERVER, [TEXT]: SYNTAX_ERROR });
  const terminal = openPseudoTerminal(t, dev, place(t, app));
  await terminal.shows(/^✗ g1 failed: .*; nothing serves, waiting for a change\n/m);
  app.save(TEXT, saying('one'));
  assert.equal(await get(await served(terminal)), 'one 2');
});

test('keys', async (t) => {
  const terminal = openPseudoTerminal(t, dev, place(t, project(t)));
  await served(terminal);
  await press(terminal, 'r', /^▸ g2 serves, \S+: reload\n/m);
  await press(
    terminal,
    's',
    /web \(pid \d+\): serving, generation 2, 1 wanted[\s\S]*reloads: 1 ok/,
  );
  await press(terminal, 'h', 'Ctrl-Z  suspend graceful-run');
  await press(terminal, '\r', /^\n$/);
  assert.ok(!terminal.output().includes('\x1b[2J'), 'nothing is cleared unasked');
  await press(terminal, 'c', '\x1b[2J\x1b[3J\x1b[H');
  await press(terminal, 'rs\r', /^▸ g3 serves, \S+: reload\n$/);
  await press(terminal, 's', /serving, generation 3,[\s\S]*reloads: 2 ok/);
  await press(terminal, 'qr', /^· stopping.*\n· stopping; no reload\n/m);
  assert.equal(await terminal.exited(), 0);
});

for (const columns of [80, 140]) {
  test(`of ${columns} columns, the banner takes 80 at most`, async (t) => {
    const app = project(t, SERVER, scratch(t));
    const flags = Array.from({ length: 9 }, (_, i) => ['--watch', `./lib/part-${i}`]).flat();
    for (let i = 0; i < 9; i += 1) app.write(`lib/part-${i}/x.mjs`, '');
    const words = [...dev.slice(0, 3), '--name', 'n'.repeat(64), ...flags, ...dev.slice(5)];
    const terminal = openPseudoTerminal(t, words, { ...place(t, app), columns });
    await served(terminal);
    const lines = stripVTControlCharacters(terminal.output()).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => line.split(/ +/)[0]),
      ['graceful-run', 'keys', '▸', 'serving', 'watching'],
    );
    assert.equal(lines[0]?.length, 80);
    assert.ok(
      lines.every((line) => line.length <= 80),
      lines.join('\n'),
    );
    terminal.type('q');
    await terminal.exited();
  });
}

for (const how of ['q', 'Ctrl-C', 'SIGTERM', 'a worker that is killed, and then q']) {
  test(`the terminal is as it was after ${how}`, async (t) => {
    const where = place(t, project(t));
    // No shell with jobs: that would set the modes itself.
    const words = ['sh', '-c', '"$@"; echo ended $?; sleep 60', 'sh', ...dev];
    const terminal = openPseudoTerminal(t, words, where);
    await served(terminal);
    await terminal.hasModes(RAW);
    const { master, worker } = await pidsOf(where);
    if (how === 'SIGTERM') process.kill(master, 'SIGTERM');
    else if (how === 'Ctrl-C') terminal.type('\x03');
    else {
      if (how !== 'q') {
        process.kill(worker, 'SIGKILL');
        await terminal.shows('✗ worker 1 of g1 was killed by SIGKILL; starting it again\n');
        await terminal.shows('▸ worker 1 of g1 serves again\n');
        await terminal.hasModes(RAW);
      }
      terminal.type('q');
    }
    await terminal.shows('ended 0');
    await terminal.hasModes(COOKED);
    terminal.type('\x03');
  });
}

test('suspended, its workers serve; back, it has its keys', async (t) => {
  const where = place(t, project(t));
  const terminal = await openShell(t, where);
  terminal.type(`${dev.join(' ')}\n`);
  const address = await served(terminal);
  const { master } = await pidsOf(where);
  await press(terminal, '\x1a', /^· suspended, the workers go on serving[\s\S]*Stopped/m);
  await assertCooked(terminal);
  assert.equal(await get(address), 'one 1');
  await press(terminal, 'fg\n', '· g1 serves; h shows the keys\n');
  await press(terminal, 'r', /^▸ g2 serves/m);
  terminal.type('q');
  await gone(master);
  await assertCooked(terminal);
});

const WAITS = `import { existsSync } from 'node:fs';
console.log('booting');
const look = setInterval(() => {
  if (!existsSync('go')) return;
  clearInterval(look);
  import('./server.mjs');
}, 10);
`;

test('what a worker had no time to say while the master was suspended is not held against it', async (t) => {
  const app = project(t, { ...SERVER, 'app.mjs': WAITS, 'server.mjs': SERVER['app.mjs'] ?? '' });
  const terminal = await openShell(t, place(t, app));
  const limit = 4000;
  const words = [...dev.slice(0, 3), '--start-timeout', `${limit}ms`, ...dev.slice(3)];
  terminal.type(`${words.join(' ')}\n`);
  await terminal.shows('| booting');
  await press(terminal, '\x1a', /^· suspended[\s\S]*Stopped/m);
  // No fact: the time itself is the test.
  await pause(limit);
  app.save('go', '');
  terminal.type('fg\n');
  await served(terminal);
  assert.doesNotMatch(terminal.output(), /failed/);
  terminal.type('q');
});

test('in the background it serves, reloads, and leaves the terminal alone', async (t) => {
  const app = project(t);
  const where = place(t, app);
  const terminal = await openShell(t, where);
  terminal.type(`${dev.join(' ')} &\n`);
  const address = await served(terminal);
  const { master } = await pidsOf(where);
  await assertCooked(terminal);
  app.save(TEXT, saying('two'));
  await terminal.shows(/▸ g2 serves/);
  await press(terminal, 'echo q""q r\n', 'qq r\n');
  await answers(address, 'two 2');
  assert.doesNotMatch(terminal.output(), /scaling|keys {6}|stopping/);
  await press(terminal, 'fg\n', '· g2 serves; h shows the keys\n');
  terminal.type('q');
  await gone(master);
  await assertCooked(terminal);
});

test('what is watched is told again when that has changed with a roll out', async (t) => {
  const app = project(t);
  const terminal = openPseudoTerminal(t, dev, place(t, app));
  await served(terminal);
  let before = terminal.output().length;
  app.save('app.mjs', `import 'node:child_process';\n${SERVER['app.mjs']}`);
  await terminal.shows(/g2 serves.*\n/, before);
  // From now on nobody can tell what the app is made of.
  before = terminal.output().length;
  const forks = `import { fork } from 'node:child_process';\nfork('idle.mjs');\n`;
  app.write('idle.mjs', 'process.channel?.ref();\n');
  app.save('app.mjs', `${forks}${SERVER['app.mjs']}`);
  await terminal.shows(/g3 serves.*\nwatching {2}the working directory\n/, before);
  before = terminal.output().length;
  terminal.type('r');
  await terminal.shows(/g4 serves.*\n/, before);
  terminal.type('q');
  assert.equal(await terminal.exited(), 0);
  assert.equal(terminal.output().match(/^watching/gm)?.length, 2, terminal.output());
});

test('the debuggers are in the banner, in one line', async (t) => {
  const words = [...dev.slice(0, 3), '--inspect-port', '0', '-w', '2', ...dev.slice(3)];
  const terminal = openPseudoTerminal(t, words, place(t, project(t)));
  await served(terminal);
  await press(terminal, 'r', /^▸ g2 serves/m);
  terminal.type('q');
  assert.equal(await terminal.exited(), 0);
  const lines = terminal.output().match(/^debugger.*/gm);
  assert.equal(lines?.length, 1, terminal.output());
  assert.match(lines?.[0] ?? '', /^debugger {2}127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+$/);
});

test('with the terminal closed, nothing is left', async (t) => {
  const where = place(t, project(t));
  const terminal = openPseudoTerminal(t, dev, where);
  await served(terminal);
  const { worker } = await pidsOf(where);
  terminal.hangUp();
  assert.equal(await terminal.exited(), 0);
  await gone(worker);
});

const STATUS = 'echo $? >status';
const WITHOUT_KEYS = [
  ['whose output is in a pipe', `{ "$@"; ${STATUS}; } | tee log`],
  ['without stdin', `"$@" </dev/null; ${STATUS}`],
  ['without any of the three', `{ "$@" </dev/null 2>&1; ${STATUS}; } | cat >log`],
  ['in the background', `"$@" </dev/null & wait $!; ${STATUS}`],
] as const;
for (const [name, script] of WITHOUT_KEYS) {
  test(`so it is for one ${name}`, async (t) => {
    const where = place(t, project(t));
    // The shell of the window dies of it; the one in between does not, and tells how dev ended.
    const shells = ['sh', '-c', '"$@"; :', 'sh', 'sh', '-c', `trap "" HUP; ${script}`, 'sh'];
    const terminal = openPseudoTerminal(t, [...shells, ...dev], where);
    let worker = 0;
    await eventually('its worker', async () => {
      ({ worker } = await pidsOf(where));
      return worker > 0;
    });
    terminal.hangUp();
    const status = () => readFileSync(join(where.cwd, 'status'), 'utf8');
    await eventually('its end', status, (text) => text === '0\n');
    await gone(worker);
  });
}

test('a SIGHUP while the terminal is there is a reload', async (t) => {
  const where = place(t, project(t));
  const terminal = openPseudoTerminal(t, ['sh', '-c', '"$@" </dev/null', 'sh', ...dev], where);
  await served(terminal);
  const { master } = await pidsOf(where);
  process.kill(master, 'SIGHUP');
  await terminal.shows(/^▸ g2 serves, \S+: reload\n/m);
  assert.equal((await runCommand(['stop', '--name', 'web'], where)).status, 0);
  assert.equal(await terminal.exited(), 0);
});
