// The names of our sockets in the descriptor store of systemd (FileDescriptorStoreMax=), where they outlive the master.
// The next master recognizes them by these names. Pure.
import { isPrivate } from './adopted-socket.js';
import type { HeldSocket } from './held-socket.js';

/**
 * Distinguishes the names from those of socket units. A name may contain all printable ASCII characters but ':'
 * (systemd's fdname_is_valid).
 */
const PREFIX = 'graceful-run';
const LONGEST_NAME = 255;

export interface StoredName {
  readonly origin: 'given' | 'adopted';
  readonly name: string;
  /** The path of a unix socket; the kernel lists only the temporary name under which it was bound. */
  readonly path: string | null;
}

/** Null for a socket that is not stored: inherited, private to a worker, or with a path that makes the name too long. */
export function storedName({ origin, name, path, host, openedAs }: HeldSocket): string | null {
  if (origin === 'inherited' || isPrivate(openedAs)) return null;
  // With the host, because two sockets may have one port, and removing a name removes all sockets with that name.
  const parts = [PREFIX, origin, encode(name), encode(path ?? host ?? '')];
  const text = parts.join('/');
  return text.length > LONGEST_NAME ? null : text;
}

/** The inverse of `storedName`; null for a name that has another form. */
export function parseStoredName(text: string): StoredName | null {
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

/** Leaves no ':', no '/' and no character outside of ASCII. */
const encode = (text: string) => encodeURIComponent(text);
