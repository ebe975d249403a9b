// Ports for servers under test that have to know theirs: nobody else gets them while the test lasts.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/** A port of 127.0.0.1 on which the test listens: taken for whoever wants it. */
export async function takePort(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/**
 * A port that is free on 127.0.0.2 and on all further addresses of the loopback. It stays so: the test has it on
 * 127.0.0.1, so the kernel gives it to nobody who asks for any port.
 */
export const reservePort = takePort;
