// The day of somebody who writes code: files are saved in all the ways in which they are, and the next request is answered by
// the new code, be the one in between broken or not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { node } from '../../helpers/paths.js';
import { startSupervisor } from '../../helpers/supervisor.js';
import {
  project,
  rollouts,
  SERVER,
  saying,
  shown,
  startDev,
  TEXT,
  visit,
} from '../../helpers/watch/developing.js';

const SYNTAX_ERROR = "export const text = 'oops\n";

test('a save is served, whichever way the editor writes', async (t) => {
  const app = project(t);
  const master = startDev(t, app);
  const { answers, visitor } = await visit(t, master);
  await answers('one 1');

  app.write(TEXT, saying('in place'));
  await answers('in place 2');
  app.save(TEXT, saying('renamed'));
  await answers('renamed 3');

  await visitor.stop();
  assert.deepEqual(visitor.failures, []);
  await master.settled(3);
  const { msg } = await master.logged((line) => line.event === 'filesChanged');
  assert.equal(msg, `changed: ${TEXT}`);
  assert.equal(rollouts(master), 3);
});

test('a broken version is told once, and the next save that repairs it is served', async (t) => {
  const app = project(t);
  const master = startDev(t, app);
  const { answers, visitor } = await visit(t, master);

  app.save(TEXT, SYNTAX_ERROR);
  const text = await shown(master, /^\S+ g2 failed: SyntaxError: .*; g1 keeps serving$/m);
  assert.equal(text.match(/SyntaxError: Invalid or unexpected token\n/g)?.length, 1, text);
  const frame = /text\.mjs:1\n.*export const text = 'oops\n.*\^+\n/;
  assert.match(text, frame, 'file, line, code frame');
  assert.ok(text.search(frame) < text.indexOf('g2 failed'), 'the error first, then what follows');
  await answers('one 1');

  app.save(TEXT, saying('two'));
  await answers('two 3');
  await visitor.stop();
  assert.deepEqual(visitor.failures, []);
});

test('a first version that is broken waits for the save that repairs it', async (t) => {
  const app = project(t);
  app.write(TEXT, SYNTAX_ERROR);
  const master = startDev(t, app);
  await master.logged('rolledBack');
  assert.equal((await master.status()).phase, 'waiting');
  await shown(master, /^\S+ g1 failed: SyntaxError: .*; nothing serves, waiting for a change$/m);

  app.save(TEXT, "import './missing.mjs';\nexport const text = 'two';\n");
  await master.logged((line) => line.event === 'rolledBack' && line.generation === 2);
  // Not the file that was saved, but the one that it lacks.
  app.write('lib/words/missing.mjs', '');
  const { answers } = await visit(t, master, 3);
  await answers('two 3');
});

test('each save that repairs a broken first version is seen, and then only what is loaded counts', async (t) => {
  const app = project(t, {
    ...SERVER,
    'package.json': '{"imports": {"#late": "./late.mjs"}}',
    'local.env': 'oops\n',
    'late.mjs': SYNTAX_ERROR,
  });
  app.write(TEXT, "export { text } from '#late';\n");
  const master = startDev(t, app, { flags: ['--env-file', 'local.env'] });
  await shown(master, /^watching +the working directory$/m);
  app.save('local.env', 'A=1\n');
  // At once: perhaps before it is watched.
  await shown(master, /SyntaxError/);
  app.save('late.mjs', saying('one'));
  const { answers } = await visit(t, master, 3);
  await shown(master, /^watching +the 4 files that are loaded$/m);
  app.write('NOTES.md', 'to do');
  app.save('late.mjs', saying('two'));
  await answers('two 4');
  await master.settled(4);
  const changes = master.log().filter((line) => line.event === 'filesChanged');
  assert.deepEqual(
    changes.map(({ msg }) => msg),
    ['local.env', 'late.mjs', 'late.mjs'].map((name) => `changed: ${name}`),
  );
});

test('with tsx, a file that is created after its import was saved repairs the app', async (t) => {
  const app = project(t, { ...SERVER, 'package.json': '{"type": "module"}' });
  const command = [node, '--import', import.meta.resolve('tsx'), 'app.mjs'];
  const master = startDev(t, app, { command });
  const { answers } = await visit(t, master);
  app.save(
    'lib/greet.mjs',
    "import { text } from './new/text.js';\nexport const greet = () => text;\n",
  );
  await master.logged('rolledBack');
  app.write('lib/new/text.ts', saying('made'));
  await answers('made');
});

test('a change while a reload runs makes exactly one more, with the last state', async (t) => {
  const app = project(t);
  // Each generation but the first takes its time, until it is told.
  const slow = `${saying('slow')}if (process.env.GRACEFUL_RUN_GENERATION === '2') {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}
`;
  const master = startDev(t, app);
  const { answers, visitor } = await visit(t, master);
  app.save(TEXT, slow);
  await master.logged((line) => line.event === 'spawned' && line.generation === 2);
  app.save(TEXT, saying('last'));
  await answers('last 3');
  await master.logged('rolloutAbandoned');
  await visitor.stop();
  assert.deepEqual(visitor.failures, []);
  const { reloads } = await master.settled(3);
  assert.equal(rollouts(master), 2);
  assert.deepEqual(reloads, { ok: 1, failed: 0 });
});

test('--watch names what counts, and --watch-ignore what does not', async (t) => {
  const app = project(t, { 'app.mjs': "import './page.mjs';\n" });
  app.write(
    'page.mjs',
    `import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const page = readFileSync('pages/index.html', 'utf8');
createServer((_request, response) => response.end(page)).listen(0, '127.0.0.1');
`,
  );
  app.write('pages/index.html', 'one');
  app.write('pages/draft.html', 'one');
  const flags = ['--watch', 'pages', '--watch-ignore', 'draft.*'];
  const master = startDev(t, app, { flags });
  const { answers } = await visit(t, master);
  app.write('pages/draft.html', 'two');
  app.save('app.mjs', "import './page.mjs'; // not watched\n");
  app.save('pages/index.html', 'two');
  await answers('two');
  await master.settled(2);
  const { msg } = await master.logged('filesChanged');
  assert.equal(msg, 'changed: pages/index.html');
  assert.equal(rollouts(master), 2);
});

test('--watch-poll finds changes without the kernel', async (t) => {
  const app = project(t);
  const master = startDev(t, app, { flags: ['--watch-poll'] });
  const { answers } = await visit(t, master);
  app.save(TEXT, saying('seen'));
  await answers('seen 2');
});

test('a program in another language reloads for any file of the project', async (t) => {
  const app = project(t, {
    'server.pl': `use strict;
use Socket;
my $word = do 'word.pl';
open(my $listener, '+<&=', 3) or die;
$SIG{TERM} = sub { exit 0 };
open(my $ready, '>&=', $ENV{READY_FD}) or die;
syswrite($ready, "\\n");
while (accept(my $client, $listener)) {
  sysread($client, my $request, 4096);
  syswrite($client, "HTTP/1.0 200 OK\\r\\n\\r\\n$word");
  close($client);
}
`,
    'word.pl': "'one';\n",
    '.gitignore': 'ignored/\n',
  });
  app.write('ignored/word.pl', "'one';\n");
  const master = startDev(t, app, {
    flags: ['--listen', '127.0.0.1:0', '--ready', 'fd'],
    command: ['perl', '-I.', 'server.pl'],
  });
  const { answers } = await visit(t, master);
  await answers('one');
  app.save('ignored/word.pl', "'two';\n");
  app.save('word.pl', "'three';\n");
  await answers('three');
  await master.settled(2);
  assert.equal(rollouts(master), 2);
});

test('a change of package.json or of an env file is a reload', async (t) => {
  const app = project(t, { ...SERVER, 'package.json': '{"type": "module"}' });
  app.write(TEXT, 'export const text = process.env.TEXT;\n');
  app.write('local.env', 'TEXT=one\n');
  const master = startDev(t, app, { flags: ['--env-file', 'local.env'] });
  const { answers } = await visit(t, master);
  await answers('one 1');
  app.save('package.json', '{"type": "module", "version": "2.0.0"}');
  await answers('one 2');
  app.save('local.env', 'TEXT=two\n');
  await answers('two 3');
  app.save('local.env', 'TEXT="two\n');
  await shown(master, /g4 failed: .*local\.env, line 1: .*; g3 keeps serving/);
});

test('an app of several processes reloads for any file of the project', async (t) => {
  const app = project(t, {
    'app.mjs': `import { fork } from 'node:child_process';
import { createServer } from 'node:http';
const child = fork('child.mjs');
child.once('message', (text) => {
  createServer((_request, response) => response.end(text)).listen(0, '127.0.0.1');
});
`,
    'child.mjs': "process.send('one');\n",
  });
  const master = startDev(t, app);
  const { answers } = await visit(t, master);
  await answers('one');
  app.save('child.mjs', "process.send('two');\n");
  await answers('two');
});

test('files that each start writes are named, and then cause no more reloads, with and without the advised flags', async (t) => {
  const app = project(t, {
    'app.cjs': `const { writeFileSync } = require('node:fs');
writeFileSync('build-info.json', JSON.stringify({ pid: process.pid }));
const { pid } = require('./build-info.json');
writeFileSync('local.env', 'WRITTEN=' + pid);
require('node:http').createServer((_request, response) => response.end(String(pid)))
  .listen(0, '127.0.0.1');
`,
  });
  const flags = ['--env-file', 'local.env'];
  const command = [node, 'app.cjs'];
  const touch = (name: string) => app.save(name, `${readFileSync(app.path(name), 'utf8')}\n`);
  const written = () => readFileSync(app.path('local.env'), 'utf8');
  app.write('local.env', 'WRITTEN=0');
  const master = startDev(t, app, { flags, command });
  const { msg } = await master.logged((line) => /at every start/.test(line.msg));
  const advice = msg.match(/--watch-ignore \S+/g)?.flatMap((one) => one.split(' ')) ?? [];
  assert.equal(advice.length, 4);
  await master.settled();
  const [before, last] = [rollouts(master), written()];
  touch('app.cjs');
  await eventually('another start', () => written() !== last);
  await master.settled();
  assert.equal(rollouts(master), before + 1);
  master.signal('SIGTERM');
  await master.exited();

  const advised = startDev(t, app, { flags: [...flags, ...advice], command });
  const address = addressOf(await advised.settled(1));
  for (const nth of [1, 2, 3]) {
    const old = written();
    touch('app.cjs');
    await advised.settled(nth + 1);
    assert.notEqual(written(), old);
    assert.equal(`WRITTEN=${await get(address, '/')}`, written());
  }
  const changed = advised.log().filter((line) => line.event === 'filesChanged');
  assert.deepEqual(
    changed.map((line) => line.msg),
    Array(3).fill('changed: app.cjs'),
  );
});

test('--watch without dev reloads as well, and a broken first version ends with status 1', async (t) => {
  const app = project(t);
  const run = (...flags: string[]) =>
    startSupervisor(t, [...flags, '--watch', '--', node, 'app.mjs'], { cwd: app.directory });
  const master = run();
  const { answers, visitor } = await visit(t, master);
  app.save(TEXT, saying('two'));
  await answers('two 2');
  await visitor.stop();
  assert.deepEqual(visitor.failures, []);
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });

  app.write(TEXT, SYNTAX_ERROR);
  const broken = run('--name', 'broken');
  assert.deepEqual(await broken.exited(), { status: 1, signal: null });
});

test('where inotify has run out, one line says so', async (t) => {
  const app = project(t);
  // Only for those in a user namespace of their own.
  const limited = ['unshare', '--user', '--map-root-user', 'sh', '-c'];
  const script = 'echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"';
  try {
    execFileSync('unshare', [...limited.slice(1), script, 'sh', 'true'], { stdio: 'pipe' });
  } catch {
    return t.skip('no user namespace can be made here');
  }
  const blind = startDev(t, app, { through: [...limited, script, 'sh'] });
  const { answers } = await visit(t, blind);
  await answers('one 1');
  const { msg } = await blind.logged((line) => /inotify/.test(line.msg));
  assert.match(msg, /^cannot watch .*: no inotify watch is left; .*max_user_watches.*--watch-poll/);
  assert.equal(blind.log().filter((line) => /inotify/.test(line.msg)).length, 1, 'told once');
  blind.signal('SIGTERM');
  assert.deepEqual(await blind.exited(), { status: 0, signal: null });
});
