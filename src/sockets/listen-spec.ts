// Parses the value of --listen. Opens nothing and resolves no host name.
import { isIPv4, isIPv6 } from 'node:net';
import { normalize } from 'node:path/posix';
import { UsageError } from '../errors.js';
import { MAX_UNIX_PATH_BYTES } from '../linux/unix-socket-path.js';
import { formatHostPort } from '../text/address.js';

export type ListenAddress =
  /** `host` null means every address, IPv6 and IPv4; port 0 lets the kernel choose. */
  | {
      readonly kind: 'tcp';
      readonly host: string | null;
      readonly port: number;
      readonly v6only: boolean;
    }
  /** `path` as written: the caller resolves a relative one. */
  | { readonly kind: 'unix'; readonly path: string };

/** User and group as written, names or numbers; null leaves it as it is. */
export interface Owner {
  readonly user: string | null;
  readonly group: string | null;
}

export interface ListenSpec {
  readonly text: string;
  readonly name: string | null;
  readonly address: ListenAddress;
  /** The address that the app names in its `listen()`, if that is another one (`?for=`). */
  readonly appAddress: { readonly port: number } | { readonly path: string } | null;
  readonly backlog: number;
  /** Permission bits of a unix socket. */
  readonly mode: number | null;
  readonly owner: Owner | null;
}

/** The backlog of Node's own `listen()`. */
export const DEFAULT_BACKLOG = 511;

const EXAMPLES = "':8080', '127.0.0.1:8080', '[::1]:8080' or 'unix:/run/app.sock'";
const OPTIONS = ['for', 'backlog', 'mode', 'owner', 'v6only'];

type Refuse = (problem: string) => never;

/** Parses one spec. Throws UsageError: one line that names the problem, the spec, and a correct example. */
export function parseListenSpec(text: string): ListenSpec {
  const refuse: Refuse = (problem) => {
    throw new UsageError(`--listen '${text}': ${problem}`);
  };
  const [, body = '', query] = /^([^?]*)(?:\?(.*))?$/s.exec(text) ?? [];
  // A path may contain '=' too; a name cannot begin with 'unix:', because it contains no ':'.
  const equals = body.startsWith('unix:') ? -1 : body.indexOf('=');
  const options = readOptions(query, refuse);
  const place = body.slice(equals + 1);
  const isUnix = place.startsWith('unix:');
  const foreign = (isUnix ? ['v6only'] : ['mode', 'owner']).find((key) => options.has(key));
  if (foreign !== undefined) {
    refuse(`'${foreign}' is for ${isUnix ? 'IPv6' : 'unix sockets'} only; leave it out`);
  }
  const read = <T>(key: string, reader: (value: string, refuse: Refuse) => T): T | null => {
    const value = options.get(key);
    return value === undefined ? null : reader(value, refuse);
  };
  return {
    text,
    name: equals === -1 ? null : readName(body.slice(0, equals), refuse),
    address: isUnix
      ? { kind: 'unix', path: readPath(place.slice('unix:'.length), refuse) }
      : readPort(place, options.has('v6only'), refuse),
    appAddress: read('for', readFor),
    backlog: read('backlog', readBacklog) ?? DEFAULT_BACKLOG,
    mode: read('mode', readMode),
    owner: read('owner', readOwner),
  };
}

/** The address as in a spec: `:8080`, `127.0.0.1:8080`, `[::1]:8080`, `unix:/path`. */
export function describeAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${normalize(address.path)}`;
  return formatHostPort(address.host, address.port);
}

/** Throws UsageError when two specs have the same address or the same name. */
export function assertDistinct(specs: readonly ListenSpec[]): void {
  const seen = new Map<string, string>();
  for (const { address, name, text } of specs) {
    const claims = name === null ? [] : [`the name '${name}'`];
    // For port 0 the kernel chooses another port each time.
    const isAnyPort = address.kind === 'tcp' && address.port === 0;
    if (!isAnyPort) claims.push(`the address ${describeAddress(address)}`);
    for (const claim of claims) {
      const other = seen.get(claim);
      if (other !== undefined) {
        const advice = 'already; give each its own';
        throw new UsageError(`--listen '${text}': ${claim} is in '${other}' ${advice}`);
      }
      seen.set(claim, text);
    }
  }
}

/** The rule of systemd's fdname_is_valid(): the names travel in LISTEN_FDNAMES, separated by ':'. */
function readName(name: string, refuse: Refuse): string {
  if (/^[!-9;<>-~]{1,255}$/.test(name)) return name;
  return refuse(
    `'${name}' is not a name: 1 to 255 printable ASCII characters without space, ':' and '='; write 'web=:8080'`,
  );
}

function readOptions(query: string | undefined, refuse: Refuse): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  // Not URLSearchParams, which would turn the '+' of a path into a space.
  for (const part of query?.split('&') ?? []) {
    const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(part) ?? [];
    if (!OPTIONS.includes(key)) {
      refuse(`unknown option '${key}'; there are ${OPTIONS.join(', ')}`);
    }
    if (options.has(key)) refuse(`'${key}' is there twice; write it once`);
    if (key === 'v6only' && value !== undefined) refuse(`'v6only' takes no value; write '?v6only'`);
    options.set(key, value ?? '');
  }
  return options;
}

function readPort(text: string, v6only: boolean, refuse: Refuse): ListenAddress {
  const [, before = '', digits] = /^(?:(.*):)?(\d+)$/s.exec(text) ?? [];
  // `::1:8080` is a valid address, but more likely `[::1]:8080` is meant.
  if (digits === undefined || (isIPv6(text) && !isIPv6(before))) {
    if (isIPv6(text)) refuse(`an IPv6 address needs brackets and a port; write '[${text}]:8080'`);
    if (/^[./]/.test(text)) refuse(`a path needs 'unix:' before it; write 'unix:${text}'`);
    const problem = text === '' ? 'no address' : `'${text}' has no port`;
    refuse(`${problem}; write ${EXAMPLES}`);
  }
  const port = Number(digits);
  if (port > 65535) refuse(`port ${digits} is too high; write 0 to 65535`);
  const host = readHost(before, port, refuse);
  if (v6only && !host?.includes(':'))
    refuse(`'v6only' is for IPv6 only; write '[::]:${port}?v6only'`);
  return { kind: 'tcp', host, port, v6only };
}

function readHost(text: string, port: number, refuse: Refuse): string | null {
  if (text === '' || text === '*') return null;
  if (text === 'localhost') return '127.0.0.1';
  if (isIPv4(text)) return text;
  const inner = /^\[(.*)\]$/.exec(text)?.[1];
  // The kernel's spelling. URL does not know zones (`fe80::1%eth0`).
  if (inner !== undefined && isIPv6(inner))
    return inner.includes('%') ? inner : new URL(`http://[${inner}]`).hostname.slice(1, -1);
  if (isIPv6(text)) return refuse(`an IPv6 address needs brackets; write '[${text}]:${port}'`);
  return refuse(`'${text}' is not an address, and names are not looked up; write ${EXAMPLES}`);
}

function readPath(path: string, refuse: Refuse): string {
  if (path === '') refuse(`no path; write 'unix:/run/app.sock'`);
  if (path.startsWith('@')) {
    refuse(`abstract sockets are not supported; write 'unix:/run/app.sock', or 'unix:./${path}'`);
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_UNIX_PATH_BYTES && path.startsWith('/')) {
    refuse(`the path has ${bytes} bytes; write one of at most ${MAX_UNIX_PATH_BYTES}`);
  }
  return path;
}

function readFor(value: string, refuse: Refuse): ListenSpec['appAddress'] {
  const digits = /^:?(\d+)$/.exec(value)?.[1];
  const port = Number(digits ?? 0);
  if (port >= 1 && port <= 65535) return { port };
  if (digits === undefined && value.includes('/')) return { path: value.replace(/^unix:/, '') };
  return refuse(
    `for '${value}' is neither a port nor a path; write '?for=3000' or '?for=./app.sock', as the app has it`,
  );
}

function readBacklog(value: string, refuse: Refuse): number {
  const backlog = /^\d+$/.test(value) ? Number(value) : 0;
  // listen(2) takes an int; the kernel lowers it to net.core.somaxconn.
  if (backlog >= 1 && backlog <= 0x7fffffff) return backlog;
  return refuse(`backlog '${value}' is not a number of connections; write '?backlog=4096'`);
}

function readMode(value: string, refuse: Refuse): number {
  if (/^0?[0-7]{3}$/.test(value)) return Number.parseInt(value, 8);
  return refuse(`mode '${value}' is not octal; write '?mode=660'`);
}

function readOwner(value: string, refuse: Refuse): Owner {
  const [, user, group] = /^([^:\s]+)?(?::([^:\s]+))?$/.exec(value) ?? [];
  if (user !== undefined || group !== undefined)
    return { user: user ?? null, group: group ?? null };
  return refuse(
    `owner '${value}' is not understood; write '?owner=www', '?owner=www:www' or '?owner=:www'`,
  );
}
