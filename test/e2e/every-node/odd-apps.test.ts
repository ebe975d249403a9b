// Apps and surroundings that do odd things, as real ones do.
import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { node } from '../../helpers/paths.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';

const SERVER = "import { createServer } from 'node:http';\nimport fs from 'node:fs';\n";

test('a unix path that the retiring worker removes is given back', async (t) => {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, 'app.mjs'),
    `${SERVER}const server = createServer((_, response) => response.end('here')).listen('app.sock');
    process.on('SIGTERM', () => server.close(() => { fs.unlinkSync('app.sock'); process.exit(0); }));`,
  );
  const master = startSupervisor(t, ['--', node, 'app.mjs'], { cwd });
  await master.settled(1);
  assert.equal((await master.client('reload')).status, 0);
  await master.settled(2);
  await eventually(
    'it can be reached',
    () => get(`unix:${join(cwd, 'app.sock')}`),
    (body) => body === 'here',
  );
});

test('a failed generation that removed the unix path first leaves the old one reachable', async (t) => {
  const cwd = scratch(t);
  const good = `${SERVER}fs.rmSync('app.sock', { force: true });\n`;
  const listen = "createServer((_, response) => response.end('here')).listen('app.sock');";
  writeFileSync(join(cwd, 'app.mjs'), good + listen);
  const master = startSupervisor(t, ['--', node, 'app.mjs'], { cwd });
  await master.settled(1);
  writeFileSync(join(cwd, 'app.mjs'), `${good}throw new Error('broken');`);
  assert.equal((await master.client('reload')).status, 1);
  await eventually(
    'it can be reached',
    () => get(`unix:${join(cwd, 'app.sock')}`),
    (body) => body === 'here',
  );
});

test('listening for a moment, to see whether a port is free, proves nothing', async (t) => {
  const cwd = scratch(t);
  const good = `${SERVER}createServer((_, response) => response.end('good')).listen(0);`;
  writeFileSync(join(cwd, 'app.mjs'), good);
  const master = startSupervisor(t, ['--start-timeout', '2s', '--', node, 'app.mjs'], { cwd });
  const address = addressOf(await master.settled(1));
  writeFileSync(
    join(cwd, 'app.mjs'),
    `${SERVER}const trial = createServer().listen(0, () => trial.close(() => setInterval(() => {}, 1e6)));`,
  );
  const { status, stderr } = await master.client('reload');
  assert.equal(status, 1);
  assert.match(stderr, /never listened/);
  assert.equal(await get(address), 'good');
});

test('a port that the app closes and opens again stays its own', async (t) => {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, 'app.mjs'),
    `${SERVER}const answer = (_, response) => response.end('again');
    const first = createServer(answer).listen(0, () => setImmediate(() => setImmediate(() => {
      const { port } = first.address();
      first.close(() => createServer(answer).listen(port));
    })));`,
  );
  const master = startSupervisor(t, ['--', node, 'app.mjs'], { cwd });
  const { generation } = await master.settled();
  await eventually(
    'it answers',
    async () => get(addressOf(await master.status())),
    (body) => body === 'again',
  );
  assert.equal(generation, 1);
});

test('a helper that runs before the app in its start script is no launcher', async (t) => {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, 'app.mjs'),
    `${SERVER}createServer((_, response) => response.end('here')).listen(0);`,
  );
  const script = `${node} -e 'console.log(1)' && exec ${node} app.mjs`;
  const master = startSupervisor(t, ['--', 'sh', '-c', script], { cwd });
  assert.equal(await get(addressOf(await master.settled(1))), 'here');
});

test('variables that a shell could not hold arrive, and a stray descriptor does not', async (t) => {
  const cwd = scratch(t);
  writeFileSync(
    join(cwd, 'app.mjs'),
    `${SERVER}createServer((_, response) => response.end(JSON.stringify({
      odd: process.env['my-var.x'],
      stray: fs.readlinkSync('/proc/self/fd/40'),
    }))).listen(0);`,
  );
  const stray = openSync('/etc/passwd', 'r');
  t.after(() => closeSync(stray));
  const master = startSupervisor(t, ['--', node, 'app.mjs'], {
    cwd,
    env: { 'my-var.x': 'a b' },
    stray,
  });
  const told = JSON.parse(await get(addressOf(await master.settled(1))));
  assert.deepEqual(told, { odd: 'a b', stray: '/dev/null' });
});
