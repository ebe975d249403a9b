// Few connections and very many, counted here and in a process of its own: always the same numbers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { count, countElsewhere, countHere } from '../../src/status/count.js';

const AT_ONCE = 100;

/** A server of this process, whose connections are all accepted when this resolves. */
async function serveWith(t: TestContext, connections: number): Promise<number> {
  const held: Socket[] = [];
  const server = createServer((socket) => held.push(socket.on('error', () => undefined).resume()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of held) socket.resetAndDestroy();
  });
  const { port } = server.address() as AddressInfo;
  while (held.length < connections) {
    const batch = Array.from({ length: Math.min(AT_ONCE, connections - held.length) }, () =>
      connect({ port, host: '127.0.0.1' }).on('error', () => undefined),
    );
    const wanted = held.length + batch.length;
    while (held.length < wanted) await once(server, 'connection');
    for (const client of batch) t.after(() => client.destroy());
  }
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  return Number(/\d+/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[0]);
}

test('a process of its own counts what is counted here', async (t) => {
  const inode = await serveWith(t, 5);
  const gone = 4194304;
  for (const pids of [[process.pid], [process.pid, gone], []]) {
    const here = await countHere(pids, new Set([inode]));
    assert.deepEqual(await countElsewhere(pids, new Set([inode])), here);
    assert.equal(here.queued.get(inode), 0);
    assert.equal(here.connections.get(process.pid), pids.length === 0 ? undefined : 5);
  }
});

test('very many connections are counted to the last', async (t) => {
  const inode = await serveWith(t, 700);
  const { connections, queued } = await count([process.pid], new Set([inode]));
  assert.equal(connections.get(process.pid), 700);
  assert.equal(queued.get(inode), 0);
});
