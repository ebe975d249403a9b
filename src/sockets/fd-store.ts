// The descriptor store of systemd as a shelter for our sockets: what is in it outlives the master, and is
// passed to the next one. It keeps the sockets also through `systemctl restart` and kill -9.

import type { Notifier } from 'node-systemd-notify';
import type { Log } from '../log/logger.js';
import { isPrivate } from './adopted-socket.js';
import { storedName } from './fd-store-names.js';
import { describeSocket, type HeldSocket } from './held-socket.js';
import type { Shelter } from './registry.js';

/**
 * `inUse`: the names of those that came from it, by id of the socket. Without FileDescriptorStoreMax= in the
 * unit (FDSTORE, systemd 254) it shelters nothing.
 */
export function createShelter(
  notifier: Notifier,
  env: NodeJS.ProcessEnv,
  inUse: ReadonlyMap<number, string>,
  log: Log,
): Shelter {
  const names = new Map(inUse);
  const usable = Number(env.FDSTORE ?? 0) > 0;

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
      const name = usable ? storedName(socket) : null;
      if (usable && name === null && socket.origin !== 'inherited' && !isPrivate(socket.openedAs)) {
        log.warn(
          `${describeSocket(socket)} is not kept over a restart: too long a path for the store`,
        );
      }
      if (name === null || names.get(socket.id) === name) return;
      // First: of two names for one socket the store keeps the older one only.
      forget(socket);
      names.set(socket.id, name);
      // Not polled: a socket that does not listen yet looks hung up, and would be thrown out.
      void notifier.storeFd(socket.fd, name, { poll: false }).then((stored) => {
        // Unless it has got another name meanwhile.
        if (!stored && names.get(socket.id) === name) names.delete(socket.id);
      });
    },
  };
}
