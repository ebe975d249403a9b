// Sockets in the descriptor store of systemd outlive the master and are passed to the next one, also over
// `systemctl restart` and after kill -9. See FileDescriptorStoreMax= in systemd.service(5). This file puts them in;
// inherited-sockets.ts and startup-plan.ts take them back.

import type { Notifier } from 'node-systemd-notify';
import type { Log } from '../log/logger.js';
import { isPrivate } from './adopted-socket.js';
import { storedName } from './fd-store-names.js';
import { describeSocket, type HeldSocket } from './held-socket.js';

export interface FdStore {
  /** Puts the socket in, or gives it its present name there. */
  keep(socket: HeldSocket): void;
  /** Takes it out: it is not wanted any more. */
  forget(socket: HeldSocket): void;
  has(socket: HeldSocket): boolean;
}

/**
 * `storedAs`: the names of those that came from the store, by id of the socket. Without FileDescriptorStoreMax= in the
 * unit (variable FDSTORE, systemd 254) nothing is kept.
 */
export function createFdStore(
  notifier: Notifier,
  env: NodeJS.ProcessEnv,
  storedAs: ReadonlyMap<number, string>,
  log: Log,
): FdStore {
  const names = new Map(storedAs);
  const isUsable = Number(env.FDSTORE ?? 0) > 0;

  function forget({ id }: HeldSocket): void {
    const name = names.get(id);
    if (name === undefined) return;
    names.delete(id);
    void notifier.removeFd(name);
  }

  return {
    has: ({ id }) => names.has(id),
    forget,
    keep(socket) {
      const name = isUsable ? storedName(socket) : null;
      if (
        isUsable &&
        name === null &&
        socket.origin !== 'inherited' &&
        !isPrivate(socket.openedAs)
      ) {
        log.warn(
          `${describeSocket(socket)} is not kept over a restart: its path is too long for the store`,
        );
      }
      if (name === null || names.get(socket.id) === name) return;
      // First: of two names for one socket the store keeps the older one only.
      forget(socket);
      names.set(socket.id, name);
      // Not polled: a socket that does not listen yet looks hung up, and would be thrown out.
      void notifier.storeFd(socket.fd, name, { poll: false }).then((isStored) => {
        // Unless it has got another name meanwhile.
        if (!isStored && names.get(socket.id) === name) names.delete(socket.id);
      });
    },
  };
}
