// The client: which master answers, and what happens when none does.
import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NoInstanceError, sendControlRequest } from '../../src/control/client.js';
import { scratch } from '../helpers/supervisor.js';

async function listen(t: TestContext, path: string, serve: (socket: Socket) => void) {
  const server = createServer(serve);
  t.after(() => server.close());
  await new Promise((resolve) => server.listen(path, () => resolve(null)));
  return server;
}

test('the request goes to the first path where a master answers', async (t) => {
  const directory = scratch(t);
  const at = (name: string) => join(directory, name);
  const stale = await listen(t, at('x'), () => {});
  linkSync(at('x'), at('stale'));
  await new Promise((resolve) => stale.close(resolve));
  const received: string[] = [];
  for (const name of ['one', 'two']) {
    await listen(t, at(name), (socket) => {
      socket.on('data', (data) => {
        received.push(name, String(data));
        // In pieces, as the kernel may deliver it.
        socket.write('{"ok"');
        setImmediate(() => socket.write(':true}\n'));
      });
    });
  }
  const paths = [at('nowhere'), at('stale'), at('one'), at('two')];
  assert.deepEqual(await sendControlRequest(paths, { command: 'status' }), { ok: true });
  assert.deepEqual(received, ['one', '{"command":"status"}\n']);

  await assert.rejects(
    sendControlRequest([at('nowhere'), at('stale')], { command: 'status' }),
    (error) => {
      assert.ok(error instanceof NoInstanceError);
      assert.match(error.message, /nowhere: ENOENT: .*; .*stale: ECONNREFUSED: /);
      return true;
    },
  );
});

test('a connection that ends without a reply, or with one that is not of a master, is an error', async (t) => {
  const directory = scratch(t);
  const rows: [name: string, serve: (socket: Socket) => void, message: RegExp][] = [
    ['gone', (socket) => socket.resume().end(), /^the master went away without an answer$/],
    ['dies', (socket) => socket.end('{"ok":tr'), /^the master went away without an answer$/],
    ['web', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /is not graceful-run$/],
    ['json', (socket) => socket.end('{"jsonrpc":"2.0"}\n'), /is not graceful-run$/],
  ];
  for (const [name, serve, message] of rows) {
    await listen(t, join(directory, name), serve);
    await assert.rejects(sendControlRequest([join(directory, name)], { command: 'status' }), {
      message,
    });
  }
});
