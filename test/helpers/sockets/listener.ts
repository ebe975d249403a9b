// Listening sockets to be inherited, as systemd opens them: they listen, and this process never accepts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import type { TestContext } from 'node:test';
import { root } from '../paths.js';

/** Node's own handle: the only way to bind here without accepting. */
interface Handle {
  readonly fd: number;
  getsockname?(out: { port?: number }): number;
  close(): void;
}

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
  const handle = 'path' in where ? createHandle(where.path, -1, -1) : bindTcp(where.host);
  t.after(() => handle.close());
  const out: { port?: number } = {};
  if ('host' in where) handle.getsockname?.(out);
  const shim = `${root}native-free-shims/start-listening.cjs`;
  const stdio = ['ignore', 'ignore', 'inherit', handle.fd] as const;
  const child = spawn(process.execPath, [shim, '3:511'], { stdio: [...stdio] });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`cannot listen on ${JSON.stringify(where)}`);
  return { fd: handle.fd, port: out.port ?? 0 };
}

function bindTcp(host: string): Handle {
  return createHandle(host, 0, host.includes(':') ? 6 : 4);
}

function createHandle(address: string, port: number, type: number): Handle {
  const create = (net as unknown as { _createServerHandle: (...args: unknown[]) => unknown })
    ._createServerHandle;
  const handle = create(address, port, type);
  if (typeof handle === 'number') throw new Error(`cannot bind ${address}: error ${handle}`);
  return handle as Handle;
}
