// Parses the value of --listen. Opens nothing and resolves no host name.
import { isIPv4, isIPv6 } from 'node:net';
import { normalize } from 'node:path/posix';
import { UsageError } from '../errors.js';
import { MAX_UNIX_PATH_BYTES } from '../linux/unix-socket-path.js';
import { formatHostPort } from '../text/address.js';
import { nearest } from '../text/suggest.js';

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
  const name = equals === -1 ? null : readName(body.slice(0, equals), refuse);
  const options = readOptions(query, refuse);
  const address = readAddress(body.slice(equals + 1), options.has('v6only'), refuse);
  if (address.kind === 'tcp') {
    for (const option of ['mode', 'owner']) {
      if (options.has(option)) refuse(`'${option}' is for unix sockets only; leave it out`);
    }
  }
  return {
    text,
    name,
    address,
    appAddress: readFor(options.get('for'), refuse),
    backlog: readBacklog(options.get('backlog'), refuse),
    mode: readMode(options.get('mode'), refuse),
    owner: readOwner(options.get('owner'), refuse),
  };
}

/** The address as in a spec: `:8080`, `127.0.0.1:8080`, `[::1]:8080`, `unix:/path`. */
export function describeAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return formatHostPort(address.host, address.port);
}

/** Throws UsageError when two specs have the same address or the same name. */
export function assertDistinct(specs: readonly ListenSpec[]): void {
  const seen = new Map<string, string>();
  const claim = (key: string, what: string, text: string) => {
    const other = seen.get(key);
    if (other !== undefined) {
      throw new UsageError(
        `--listen '${text}': ${what} is in '${other}' already; give each its own`,
      );
    }
    seen.set(key, text);
  };
  for (const { address, name, text } of specs) {
    const written = describeAddress(address);
    const key = address.kind === 'unix' ? `unix:${normalize(address.path)}` : written;
    // For port 0 the kernel chooses another port each time.
    if (address.kind === 'unix' || address.port !== 0) claim(key, `the address ${written}`, text);
    if (name !== null) claim(`=${name}`, `the name '${name}'`, text);
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
      const guess = nearest(key, OPTIONS);
      const advice = guess ? `did you mean '${guess}'?` : `there are ${OPTIONS.join(', ')}`;
      refuse(`unknown option '${key}'; ${advice}`);
    }
    if (options.has(key)) refuse(`'${key}' is there twice; write it once`);
    if (key === 'v6only' && value !== undefined) refuse(`'v6only' takes no value; write '?v6only'`);
    options.set(key, value ?? '');
  }
  return options;
}

function readAddress(text: string, v6only: boolean, refuse: Refuse): ListenAddress {
  if (text.startsWith('unix:')) {
    if (v6only) refuse(`'v6only' is for IPv6 only; leave it out`);
    return { kind: 'unix', path: readPath(text.slice('unix:'.length), refuse) };
  }
  const [, before, digits] = /^(?:(.*):)?(\d+)$/s.exec(text) ?? [];
  // `::1:8080` is a valid address, but more likely `[::1]:8080` is meant.
  if (digits === undefined || (isIPv6(text) && !isIPv6(before ?? ''))) {
    if (isIPv6(text)) refuse(`an IPv6 address needs brackets and a port; write '[${text}]:8080'`);
    if (/^[./]/.test(text)) refuse(`a path needs 'unix:' before it; write 'unix:${text}'`);
    refuse(
      text === '' ? `no address; write ${EXAMPLES}` : `'${text}' has no port; write ${EXAMPLES}`,
    );
  }
  const port = Number(digits);
  if (port > 65535) refuse(`port ${digits} is too high; write 0 to 65535`);
  const host = readHost(before ?? '', port, refuse);
  if (v6only && !host?.includes(':'))
    refuse(`'v6only' is for IPv6 only; write '[::]:${port}?v6only'`);
  return { kind: 'tcp', host, port, v6only };
}

function readHost(text: string, port: number, refuse: Refuse): string | null {
  if (text === '' || text === '*') return null;
  if (text === 'localhost') return '127.0.0.1';
  if (isIPv4(text)) return text;
  const inner = /^\[(.*)\]$/.exec(text)?.[1];
  if (inner !== undefined && isIPv6(inner)) return canonicalIPv6(inner);
  if (isIPv6(text)) return refuse(`an IPv6 address needs brackets; write '[${text}]:${port}'`);
  return refuse(`'${text}' is not an address, and names are not looked up; write ${EXAMPLES}`);
}

/** The kernel's spelling of an IPv6 address. URL does not know zones (`fe80::1%eth0`). */
function canonicalIPv6(address: string): string {
  return address.includes('%') ? address : new URL(`http://[${address}]`).hostname.slice(1, -1);
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

function readFor(value: string | undefined, refuse: Refuse): ListenSpec['appAddress'] {
  if (value === undefined) return null;
  const digits = /^:?(\d+)$/.exec(value)?.[1];
  const port = Number(digits ?? 0);
  if (port >= 1 && port <= 65535) return { port };
  if (digits === undefined && value.includes('/')) return { path: value.replace(/^unix:/, '') };
  return refuse(
    `for '${value}' is neither a port nor a path; write '?for=3000' or '?for=./app.sock', as the app has it`,
  );
}

function readBacklog(value: string | undefined, refuse: Refuse): number {
  if (value === undefined) return DEFAULT_BACKLOG;
  const backlog = /^\d+$/.test(value) ? Number(value) : 0;
  // listen(2) takes an int; the kernel lowers it to net.core.somaxconn.
  if (backlog >= 1 && backlog <= 0x7fffffff) return backlog;
  return refuse(`backlog '${value}' is not a number of connections; write '?backlog=4096'`);
}

function readMode(value: string | undefined, refuse: Refuse): number | null {
  if (value === undefined) return null;
  if (/^0?[0-7]{3}$/.test(value)) return Number.parseInt(value, 8);
  return refuse(`mode '${value}' is not octal; write '?mode=660'`);
}

function readOwner(value: string | undefined, refuse: Refuse): Owner | null {
  if (value === undefined) return null;
  const [, user = '', group] = /^([^:\s]*)(?::([^:\s]+))?$/.exec(value) ?? [];
  if (user === '' && group === undefined) {
    refuse(
      `owner '${value}' is not understood; write '?owner=www', '?owner=www:www' or '?owner=:www'`,
    );
  }
  return { user: user === '' ? null : user, group: group ?? null };
}
