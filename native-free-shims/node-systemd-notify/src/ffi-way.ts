// Through a socket made with node:ffi. The sender is this process itself, so that NotifyAccess=main is
// enough. Not connected: a receiver that was replaced at the same path is reached.
import { type Libc, libc } from './libc.js';
import { numberOf } from './message.js';
import type { Way } from './transport.js';
import { unixAddress } from './unix-address.js';

/** Null when this Node cannot, or when NOTIFY_SOCKET is no unix address. */
export function ffiWay(env: NodeJS.ProcessEnv): Way | null {
  const target = env.NOTIFY_SOCKET ?? '';
  const address = unixAddress(target);
  const calls = address && libc();
  if (!address || !calls) return null;
  const fd = openShared(calls);
  if (fd === null) return null;
  return {
    transport: 'ffi',
    passesFds: true,
    deliver({ lines, fd: descriptor }) {
      const passed = descriptor === null ? null : numberOf(descriptor);
      const problem = calls.send(fd, address, lines.join('\n'), passed);
      if (problem === null) return 'sent';
      if (problem === 'EAGAIN' || problem === 'ENOBUFS') return 'full';
      return new Error(`cannot notify: send to ${target}: ${problem}`);
    },
  };
}

let shared: number | null = null;

/** One for all notifiers, since it is not connected. Null under RestrictAddressFamilies= without AF_UNIX. */
function openShared(calls: Libc): number | null {
  try {
    shared ??= calls.socket();
  } catch {
    return null;
  }
  return shared;
}
