// Ports for servers under test that have to know theirs: nobody else gets them while the test lasts.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * A port of 127.0.0.1 on which the test listens. On 127.0.0.2 and on all further addresses of the loopback it stays
 * free: the kernel gives a port that is taken on one address to no process that asks for any port.
 */
export async function takePort(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
