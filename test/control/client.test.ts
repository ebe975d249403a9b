// The client's end: which master answers, and what if none does.
import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ask, NoInstance } from '../../src/control/client.js';
import { scratch } from '../helpers/supervisor.js';

async function listen(t: TestContext, path: string, serve: (socket: Socket) => void) {
  const server = createServer(serve);
  t.after(() => server.close());
  await new Promise((resolve) => server.listen(path, () => resolve(null)));
  return server;
}

test('the first place where somebody answers', async (t) => {
  const directory = scratch(t);
  const at = (name: string) => join(directory, name);
  const stale = await listen(t, at('x'), () => {});
  linkSync(at('x'), at('stale'));
  await new Promise((resolve) => stale.close(resolve));
  const asked: string[] = [];
  for (const name of ['one', 'two']) {
    await listen(t, at(name), (socket) => {
      socket.on('data', (data) => {
        asked.push(name, String(data));
        // In pieces, as a kernel may deliver it.
        socket.write('{"ok"');
        setImmediate(() => socket.write(':true}\n'));
      });
    });
  }
  const paths = [at('nowhere'), at('stale'), at('one'), at('two')];
  assert.deepEqual(await ask(paths, { command: 'status' }), { ok: true });
  assert.deepEqual(asked, ['one', '{"command":"status"}\n']);

  await assert.rejects(ask([at('nowhere'), at('stale')], { command: 'status' }), (error) => {
    assert.ok(error instanceof NoInstance);
    assert.match(error.message, /nowhere: ENOENT: .*; .*stale: ECONNREFUSED: /);
    return true;
  });
});

test('a master that goes away, or something that is no master', async (t) => {
  const directory = scratch(t);
  const rows: [name: string, serve: (socket: Socket) => void, message: RegExp][] = [
    ['gone', (socket) => socket.resume().end(), /^the master went away without an answer$/],
    ['dies', (socket) => socket.end('{"ok":tr'), /^the master went away without an answer$/],
    ['web', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /is not graceful-run$/],
  ];
  for (const [name, serve, message] of rows) {
    await listen(t, join(directory, name), serve);
    await assert.rejects(ask([join(directory, name)], { command: 'status' }), { message });
  }
});
