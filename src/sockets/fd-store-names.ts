// Sockets of this service in the descriptor store of systemd (FileDescriptorStoreMax=), where they outlive the
// master: how they are called there, and how they are known again at the next start. Pure.
import { isPrivate } from './adopted-socket.js';
import type { HeldSocket } from './held-socket.js';

/**
 * In front of the names, to tell them from those of socket units. A name may hold all of ASCII but ':'
 * (systemd's fdname_is_valid).
 */
const PREFIX = 'graceful-run';
const LONGEST_NAME = 255;

export interface StoredName {
  readonly origin: 'given' | 'adopted';
  readonly name: string;
  /** Of a unix socket: the kernel lists it by the name under which it was bound, which is another. */
  readonly path: string | null;
}

/** Null for one that is not ours to store, or whose path makes too long a name. */
export function storedName({ origin, name, path, host, openedAs }: HeldSocket): string | null {
  if (origin === 'inherited' || isPrivate(openedAs)) return null;
  // The host tells two sockets of one port apart: what is removed by a name is all that has it.
  const parts = [PREFIX, origin, encode(name), encode(path ?? host ?? '')];
  const text = parts.join('/');
  return text.length > LONGEST_NAME ? null : text;
}

/** The inverse; null for a name that somebody else gave. */
export function parseStoredName(text: string): StoredName | null {
  const [prefix, origin, name, place] = text.split('/');
  if (prefix !== PREFIX || name === undefined || place === undefined) return null;
  if (origin !== 'given' && origin !== 'adopted') return null;
  try {
    const where = decodeURIComponent(place);
    const path = /^[/\0]/.test(where) ? where : null;
    return { origin, name: decodeURIComponent(name), path };
  } catch {
    return null;
  }
}

/** No ':' and no '/' is left by it, and nothing that is not ASCII. */
const encode = (text: string) => encodeURIComponent(text);
