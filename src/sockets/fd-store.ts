// Sockets in the descriptor store of systemd outlive the master and are passed to the next one, also over
// `systemctl restart` and after kill -9. See FileDescriptorStoreMax= in systemd.service(5). This file puts them in and
// names them; inherited-sockets.ts and startup-plan.ts take them back.

import type { Notifier } from 'node-systemd-notify';
import type { Log } from '../log/logger.js';
import { describeSocket, type NewSocket } from './held-socket.js';

/**
 * Distinguishes the names from those of socket units. A name may contain all printable ASCII characters but ':'
 * (systemd's fdname_is_valid).
 */
const PREFIX = 'graceful-run';
const LONGEST_NAME = 255;

export type FdStore = ReturnType<typeof createFdStore>;

/**
 * `sockets`: those that are held from the start, some of which came from the store. Without FileDescriptorStoreMax= in
 * the unit (variable FDSTORE, systemd 254) nothing is kept.
 */
export function createFdStore(
  notifier: Notifier,
  env: NodeJS.ProcessEnv,
  sockets: readonly NewSocket[],
  log: Log,
) {
  /** By descriptor. */
  const names = new Map<number, string>();
  for (const { fd, storedAs } of sockets) if (storedAs !== null) names.set(fd, storedAs);
  const isUsable = Number(env.FDSTORE ?? 0) > 0;

  /** Takes it out: it is not wanted any more. */
  function forget({ fd }: NewSocket): void {
    const name = names.get(fd);
    if (name === undefined) return;
    names.delete(fd);
    void notifier.removeFd(name);
  }

  return {
    has: ({ fd }: NewSocket) => names.has(fd),
    forget,
    /** Puts the socket in, or gives it its present name there. */
    keep(socket: NewSocket): void {
      const { fd, origin, isPrivate } = socket;
      if (!isUsable || origin === 'inherited' || isPrivate) return;
      const name = storedName(socket);
      if (name === null) {
        const text = describeSocket(socket);
        log.warn(`${text} is not kept over a restart: its path is too long for the store`);
        return;
      }
      if (names.get(fd) === name) return;
      // First: of two names for one socket the store keeps the older one only.
      forget(socket);
      names.set(fd, name);
      // Not polled: a socket that does not listen yet looks hung up, and would be thrown out.
      void notifier.storeFd(fd, name, { poll: false }).then((isStored) => {
        // Unless it has got another name meanwhile.
        if (!isStored && names.get(fd) === name) names.delete(fd);
      });
    },
  };
}

/** Null if the path makes the name too long. */
export function storedName({ origin, name, path, host }: NewSocket): string | null {
  // With the host, because two sockets may have one port, and removing a name removes all sockets with that name.
  const parts = [PREFIX, origin, encodeURIComponent(name), encodeURIComponent(path ?? host ?? '')];
  const text = parts.join('/');
  return text.length > LONGEST_NAME ? null : text;
}

/**
 * The inverse of `storedName`; null for a name that has another form. The path of a unix socket is in it because the
 * kernel lists only the temporary name under which the socket was bound.
 */
export function parseStoredName(text: string): {
  readonly origin: 'given' | 'adopted';
  readonly name: string;
  readonly path: string | null;
} | null {
  const [prefix, origin, name, address] = text.split('/');
  if (prefix !== PREFIX || name === undefined || address === undefined) return null;
  if (origin !== 'given' && origin !== 'adopted') return null;
  try {
    const decoded = decodeURIComponent(address);
    const path = /^[/\0]/.test(decoded) ? decoded : null;
    return { origin, name: decodeURIComponent(name), path };
  } catch {
    return null;
  }
}
