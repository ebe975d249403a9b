// Listening sockets to be inherited, as systemd opens them: they listen, and this process never accepts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { bindPipe, bindPort, type SocketHandle } from '../../../src/sockets/node-handles.js';
import { root } from '../paths.js';

export interface Listener {
  readonly fd: number;
  /** 0 for a unix socket. */
  readonly port: number;
}

/** A path, or any free port of a numeric host. Closed when the test has ended. */
export async function openListener(
  t: Pick<TestContext, 'after'>,
  where: { readonly path: string } | { readonly host: string },
): Promise<Listener> {
  let port = 0;
  let handle: SocketHandle;
  if ('path' in where) handle = bindPipe(where.path);
  else {
    const bound = bindPort(where.host, 0, false);
    handle = bound;
    port = bound.port;
  }
  t.after(() => handle.close());
  const { fd } = handle;
  const shim = `${root}native-free-shims/start-listening.cjs`;
  const child = spawn(process.execPath, [shim, '3:511'], {
    stdio: ['ignore', 'ignore', 'inherit', fd],
  });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`cannot listen on ${JSON.stringify(where)}`);
  return { fd, port };
}
