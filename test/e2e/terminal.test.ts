// `graceful-run dev` at a terminal: what its user sees, what the commands do, and what ends it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { get } from '../helpers/client.js';
import { eventually } from '../helpers/eventually.js';
import { runCommand } from '../helpers/supervisor.js';
import {
  answers,
  dev,
  gone,
  pidsOf,
  place,
  press,
  served,
} from '../helpers/terminal/dev-terminal.js';
import { openPseudoTerminal, openShell } from '../helpers/terminal/pseudo-terminal.js';
import { project, SERVER, saying, TEXT } from '../helpers/watch/developing.js';

test('dev shows a banner, and one line for each save', async (t) => {
  const app = project(t);
  const terminal = openPseudoTerminal(t, dev, place(t, app));
  const address = await served(terminal);
  assert.match(
    stripVTControlCharacters(terminal.output()),
    /^graceful-run \d\S+ {2}web\ncommands {2}r \+ enter reload.*\n▸ g1 serves, \S+s\nserving {3}http:\/\/127\.0\.0\.1:\d+\nwatching {2}the 3 files .*\n$/,
  );

  const before = terminal.output().length;
  app.save(TEXT, saying('two'));
  await terminal.shows(/g2 serves.*\n/, before);
  assert.match(
    terminal.output().slice(before),
    /^▸ g2 serves, \S+s: lib\/words\/text.mjs changed\n$/,
  );
  await answers(address, 'two 2');
});

test('each command does what the help says, and q ends dev with status 0', async (t) => {
  const where = place(t, project(t));
  const terminal = openPseudoTerminal(t, dev, where);
  await served(terminal);
  const { worker } = await pidsOf(where);
  await press(terminal, 'r\n', /^▸ g2 serves, \S+: reload\n/m);
  await press(
    terminal,
    's\n',
    /web \(pid \d+\): serving, generation 2, 1 wanted[\s\S]*reloads: 1 ok/,
  );
  await press(terminal, ' rs \n', /^▸ g3 serves, \S+: reload\n/m);
  await press(terminal, '?\n', 'press q + enter to quit');
  await press(terminal, 'h\n', 'press c + enter to clear the screen');
  await press(terminal, 'x\n', "· 'x' is not a command; press h + enter for help\n");
  assert.ok(!terminal.output().includes('\x1b[2J'), 'only c clears the screen');
  await press(terminal, 'c\n', '\x1b[2J\x1b[3J\x1b[H');
  await press(terminal, 'q\nr\n', /^· stopping; .*again.*\n· stopping; no reload\n/m);
  assert.equal(await terminal.exited(), 0);
  await gone(worker);
});

for (const [name, key] of [
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
] as const) {
  test(`${name} ends dev with status 0`, async (t) => {
    const terminal = openPseudoTerminal(t, dev, place(t, project(t)));
    await served(terminal);
    terminal.type(key);
    assert.equal(await terminal.exited(), 0);
    assert.match(terminal.output(), /^(?:\^C)?· stopping/m);
  });
}

test('while dev is stopped by Ctrl-Z its workers serve, and fg brings the commands back', async (t) => {
  const where = place(t, project(t));
  const terminal = await openShell(t, where);
  terminal.type(`${dev.join(' ')}\n`);
  const address = await served(terminal);
  const { master } = await pidsOf(where);
  await press(terminal, '\x1a', 'Stopped');
  assert.equal(await get(address), 'one 1');
  terminal.type('fg\n');
  await press(terminal, 'r\n', /^▸ g2 serves/m);
  terminal.type('q\n');
  await gone(master);
});

test('in the background dev serves, reloads, and reads nothing from the terminal until fg', async (t) => {
  const app = project(t);
  const where = place(t, app);
  const terminal = await openShell(t, where);
  terminal.type(`${dev.join(' ')} &\n`);
  const address = await served(terminal);
  const { master } = await pidsOf(where);
  app.save(TEXT, saying('two'));
  await terminal.shows(/▸ g2 serves/);
  await answers(address, 'two 2');
  // The shell reads from the terminal in line mode, as dev would.
  await press(terminal, 'read x; echo =$x\nq\n', '=q\n');
  assert.equal((await pidsOf(where)).master, master, 'it answers, so it was not stopped');
  assert.doesNotMatch(terminal.output(), /commands {2}|stopping|Stopped/);
  await press(terminal, 'fg\nr\n', /^▸ g3 serves/m);
  // Stopped in the foreground, and continued in the background.
  await press(terminal, '\x1a', 'Stopped');
  await press(terminal, 'bg; read x; echo =$x\nq\n', '=q\n');
  assert.equal((await pidsOf(where)).master, master);
  process.kill(master, 'SIGTERM');
  await gone(master);
});

test('what is watched is shown again when a roll out has changed it', async (t) => {
  const app = project(t);
  const terminal = openPseudoTerminal(t, dev, place(t, app));
  await served(terminal);
  let before = terminal.output().length;
  app.save('app.mjs', `import 'node:child_process';\n${SERVER['app.mjs']}`);
  await terminal.shows(/g2 serves.*\n/, before);
  // The files of a child process are not known.
  before = terminal.output().length;
  const forks = `import { fork } from 'node:child_process';\nfork('idle.mjs');\n`;
  app.write('idle.mjs', 'process.channel?.ref();\n');
  app.save('app.mjs', `${forks}${SERVER['app.mjs']}`);
  await terminal.shows(/g3 serves.*\nwatching {2}the working directory\n/, before);
  await press(terminal, 'r\n', /g4 serves.*\n/);
  terminal.type('q\n');
  assert.equal(await terminal.exited(), 0);
  assert.equal(terminal.output().match(/^watching/gm)?.length, 2, terminal.output());
});

test('the debuggers are in the banner, in one line', async (t) => {
  const words = [...dev.slice(0, 3), '--inspect-port', '0', '-w', '2', ...dev.slice(3)];
  const terminal = openPseudoTerminal(t, words, place(t, project(t)));
  await served(terminal);
  await press(terminal, 'r\n', /^▸ g2 serves/m);
  terminal.type('q\n');
  assert.equal(await terminal.exited(), 0);
  const lines = terminal.output().match(/^debugger.*/gm);
  assert.equal(lines?.length, 1, terminal.output());
  assert.match(lines?.[0] ?? '', /^debugger {2}127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+$/);
});

const STATUS = 'echo $? >status';
const CLOSED = [
  ['the terminal from which it reads commands', `"$@"; ${STATUS}`],
  ['the terminal, with its output in a pipe', `{ "$@"; ${STATUS}; } | tee log`],
  ['the terminal, with /dev/null as stdin', `"$@" </dev/null; ${STATUS}`],
  ['the terminal, with no stream there', `{ "$@" </dev/null 2>&1; ${STATUS}; } | cat >log`],
  ['the terminal, in the background', `"$@" </dev/null & wait $!; ${STATUS}`],
] as const;
for (const [name, script] of CLOSED) {
  test(`dev ends with status 0 and without a worker when a window is closed: ${name}`, async (t) => {
    const where = place(t, project(t));
    // The shell of the window dies of SIGHUP; the one in between does not, and writes down how dev ended.
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

test('dev outlives the terminal behind nohup in the background, and reads nothing', async (t) => {
  const where = place(t, project(t));
  const terminal = await openShell(t, where);
  terminal.type(`nohup ${dev.join(' ')} >log 2>&1 &\n`);
  await eventually('its start', () =>
    /watching/.test(readFileSync(join(where.cwd, 'log'), 'utf8')),
  );
  const { master } = await pidsOf(where);
  terminal.hangUp();
  await terminal.exited();
  assert.equal((await runCommand(['reload', '--name', 'web'], where)).status, 0);
  assert.equal((await runCommand(['stop', '--name', 'web'], where)).status, 0);
  await gone(master);
});

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
