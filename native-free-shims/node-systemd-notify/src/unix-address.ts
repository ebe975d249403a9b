// struct sockaddr_un of a path or of an abstract name, unix(7). Pure; for a little endian machine.

const AF_UNIX = 1;
/** sun_path has 108 bytes. A path ends with a NUL within them, an abstract name begins with one. */
export const LONGEST_PATH = 107;

/** Null for what is neither `/path` nor `@name`, or does not fit. */
export function unixAddress(address: string): Buffer | null {
  const path = Buffer.from(address);
  if (!/^[/@]./s.test(address) || path.includes(0) || path.length > 108) return null;
  if (address.startsWith('/') && path.length > LONGEST_PATH) return null;
  const family = Buffer.from([AF_UNIX, 0]);
  if (address.startsWith('/')) return Buffer.concat([family, path, Buffer.alloc(1)]);
  path[0] = 0;
  return Buffer.concat([family, path]);
}
