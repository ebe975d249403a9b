// Sockets from `.socket` units: one, several, named, unix, IPv4 and IPv6; and the start that the first
// connection makes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from './ask.js';
import { bootMachine } from './machine.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();

test('a connection to a socket of the manager starts the service, and is answered', async (t) => {
  const port = 8101;
  const sockets = { '': [`ListenStream=${port}`, 'FileDescriptorName=web'] };
  const app = await installApp(t, machine, 'activated', { port, sockets });
  await machine.ok('systemctl', 'start', 'activated.socket');
  assert.equal(await app.state(), 'inactive');
  assert.equal(await ask(machine, `127.0.0.1:${port}`, '/fast'), '/fast');
  assert.equal(await ask(machine, `[::1]:${port}`, '/fast'), '/fast');
  const { sockets: held } = await app.serves();
  assert.deepEqual(
    held.map(({ name, address }) => `${name} ${address}`),
    [`web :${port}`],
  );
});

test('several sockets, of several units, named, IPv4, IPv6 and unix, go to their servers', async (t) => {
  const [v4, v6, path] = ['127.0.0.1:8102', '[::1]:8103', '/run/several.sock'];
  const listens = [{ host: '127.0.0.1', port: 8102 }, { host: '::1', port: 8103 }, { path }];
  const app = await installApp(t, machine, 'several', {
    port: 8102,
    app: 'listens-on.mjs',
    environment: { LISTEN_ON: JSON.stringify(listens) },
    sockets: {
      tcp: [`ListenStream=${v4}`, `ListenStream=${v6}`, 'FileDescriptorName=tcp'],
      unix: [`ListenStream=${path}`, 'SocketUser=app', 'SocketMode=0660'],
    },
  });
  await machine.ok('systemctl', 'start', 'several-tcp.socket', 'several-unix.socket', app.unit);
  const { sockets } = await app.serves();
  assert.deepEqual(
    sockets.map(({ name, address }) => `${name} ${address}`).sort(),
    [`several-unix.socket unix:${path}`, `tcp ${v4}`, `tcp ${v6}`].sort(),
  );
  const before = new Set<string>();
  for (const [i, address] of [v4, v6, `unix:${path}`].entries()) {
    const [nth, pid, generation] = (await ask(machine, address)).split(' ');
    assert.deepEqual([nth, generation], [String(i), '1'], address);
    before.add(pid ?? '');
  }
  assert.equal(before.size, 1, 'one worker has them all');
  assert.equal((await machine.systemctl('reload', app.unit)).status, 0);
  for (const [i, address] of [v4, v6, `unix:${path}`].entries())
    assert.match(await ask(machine, address), new RegExp(`^${i} \\d+ 2$`));

  assert.equal((await machine.systemctl('stop', app.unit)).status, 0);
  await machine.ok('test', '-S', path);
});
