// Few connections and very many, counted here and in a process of its own: always the same numbers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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

test('very many connections are counted to the last, by another process', async (t) => {
  const inode = await serveWith(t, 700);
  let asked = 0;
  const { connections, queued } = await count([process.pid], new Set([inode]), (...given) => {
    asked += 1;
    return countElsewhere(...given);
  });
  assert.equal(asked, 1);
  assert.equal(connections.get(process.pid), 700);
  assert.equal(queued.get(inode), 0);
});

test('where no process can be started they are counted here', async (t) => {
  const inode = await serveWith(t, 700);
  const refuse = () => Promise.reject(new Error('EAGAIN'));
  const { connections } = await count([process.pid], new Set([inode]), refuse);
  assert.equal(connections.get(process.pid), 700);
});

test('also for a service that is nicer than the process would be', async (t) => {
  const inode = await serveWith(t, 5);
  const script = fileURLToPath(new URL('../../src/status/count-process.js', import.meta.url));
  const args = ['-n', '15', process.execPath, script, String(process.pid), String(inode)];
  const { stdout } = await promisify(execFile)('nice', args);
  assert.deepEqual(JSON.parse(stdout), { connections: [[process.pid, 5]], queued: [[inode, 0]] });
});
