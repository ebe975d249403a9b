// The client: what a service tells its service manager, sd_notify(3), over the first way that works.
import { ownEnvironment } from './environment.js';
import { fdWay } from './fd-transport.js';
import { ffiWay } from './ffi-way.js';
import { compose, type Descriptor, type Fields } from './message.js';
import { createOutbox } from './send-queue.js';
import { toolWay } from './systemd-notify-transport.js';
import type { Transport, Way } from './transport.js';

/**
 * Nothing here throws or rejects on account of the socket, the service manager or the text. A promise is
 * false when the message was not handed over; that systemd obeyed it is not known to anybody. With
 * transport `fd` and `ffi` the datagram is out when the call returns, unless the receiver was full.
 */
export interface Notifier {
  /** `none`: there is no service manager to speak to, and all calls do nothing. */
  readonly transport: Transport;
  /** All fields in one datagram. */
  notify(fields: Fields): Promise<boolean>;
  ready(status?: string): Promise<boolean>;
  status(text: string): Promise<boolean>;
  /** With MONOTONIC_USEC of the moment of the call. Must be followed by `ready`, also after a failure. */
  reloading(status?: string): Promise<boolean>;
  stopping(status?: string): Promise<boolean>;
  /** The present start, stop or reload may take `ms` milliseconds from now on, not more in sum. */
  extendTimeout(ms: number): Promise<boolean>;
  watchdog(): Promise<boolean>;
  mainPid(pid: number): Promise<boolean>;
  errno(errno: number, status?: string): Promise<boolean>;
  /**
   * Puts a copy of the descriptor into the store of the service manager (FileDescriptorStoreMax=), which
   * passes it to the next start under `name`. Of a socket that Node itself works with, give the handle
   * (`server._handle`), not the number. `poll: false`: kept although the other end hangs up.
   */
  storeFd(fd: Descriptor, name: string, options?: { readonly poll?: boolean }): Promise<boolean>;
  /** Takes all of that name out of the store. */
  removeFd(name: string): Promise<boolean>;
  /** Resolves when everything handed over so far was sent or has failed. */
  flush(): Promise<void>;
}

export interface NotifierOptions {
  /** Where NOTIFY_SOCKET, LISTEN_FDS and FDSTORE are looked up; of this process by default. */
  readonly env?: NodeJS.ProcessEnv;
  readonly pid?: number;
  /** Those that may be tried, in this order: `['fd', 'ffi', 'tool']`. */
  readonly transports?: readonly Transport[];
  /** Told of each message that was lost. */
  readonly onFailure?: (error: Error) => void;
}

export function createNotifier(options: NotifierOptions = {}): Notifier {
  const { env = ownEnvironment(), pid = process.pid, transports = ['fd', 'ffi', 'tool'] } = options;
  // Later, so that a listener that throws is seen as such, and no call of ours throws.
  const failed = (error: Error) => queueMicrotask(() => options.onFailure?.(error));
  const way = choose(transports, env, pid);
  const outbox = way && createOutbox(way, failed);

  async function fail(error: Error): Promise<boolean> {
    failed(error);
    return false;
  }

  async function withoutWay(): Promise<boolean> {
    const target = env.NOTIFY_SOCKET;
    return target ? fail(new Error(`cannot notify: no way to speak to ${target}`)) : false;
  }

  function notify(fields: Fields, fd: Descriptor | null = null): Promise<boolean> {
    if (!outbox) return withoutWay();
    const message = compose(fields, fd);
    return message instanceof Error ? fail(message) : outbox.post(message);
  }

  const say = (fields: Fields, status?: string) =>
    notify(status === undefined ? fields : { ...fields, STATUS: status });

  return {
    transport: way?.transport ?? 'none',
    notify: (fields) => notify(fields),
    ready: (status) => say({ READY: 1 }, status),
    status: (text) => notify({ STATUS: text }),
    reloading: (status) => say({ RELOADING: 1, MONOTONIC_USEC: monotonicUsec() }, status),
    stopping: (status) => say({ STOPPING: 1 }, status),
    extendTimeout: (ms) =>
      ms >= 0 && ms <= Number.MAX_SAFE_INTEGER / 1000
        ? notify({ EXTEND_TIMEOUT_USEC: Math.round(ms * 1000) })
        : fail(new Error(`cannot notify: ${ms} is no time in milliseconds`)),
    watchdog: () => notify({ WATCHDOG: 1 }),
    mainPid: (of) => notify({ MAINPID: of }),
    errno: (number, status) => say({ ERRNO: number }, status),
    async storeFd(fd, name, { poll = true } = {}) {
      const problem = problemWithStore(way, env) ?? problemWithName(name);
      if (problem !== null) return fail(new Error(`cannot store ${name}: ${problem}`));
      const fields = { FDSTORE: 1, FDNAME: name, ...(poll ? {} : { FDPOLL: 0 }) };
      return notify(fields, fd);
    },
    async removeFd(name) {
      const problem = problemWithName(name);
      if (problem !== null) return fail(new Error(`cannot remove ${name}: ${problem}`));
      return notify({ FDSTOREREMOVE: 1, FDNAME: name });
    },
    flush: async () => outbox?.flush(),
  };
}

function choose(transports: readonly Transport[], env: NodeJS.ProcessEnv, pid: number): Way | null {
  for (const transport of transports) {
    if (transport === 'none') return null;
    const make = { fd: () => fdWay(env, pid), ffi: () => ffiWay(env), tool: () => toolWay(env) };
    try {
      const way = make[transport]();
      if (way) return way;
    } catch {
      // A Node that has changed inside: the next way.
    }
  }
  return null;
}

/** CLOCK_MONOTONIC, on which systemd measures whether this answers the present request to reload. */
const monotonicUsec = () => String(process.hrtime.bigint() / 1000n);

const NO_STORE = 'the unit has no FileDescriptorStoreMax=';

function problemWithStore(way: Way | null, env: NodeJS.ProcessEnv): string | null {
  if (!way) return 'no service manager';
  if (!way.passesFds) return `transport ${way.transport} cannot pass descriptors`;
  if (env.FDSTORE !== undefined) return env.FDSTORE === '0' ? NO_STORE : null;
  // FDSTORE came with systemd 254, as did MEMORY_PRESSURE_WATCH: this one alone means no store. OpenFile=
  // came with 253, which is hardly about any more.
  const recent = way.transport === 'fd' || env.MEMORY_PRESSURE_WATCH !== undefined;
  return recent ? NO_STORE : null;
}

/** fdname_is_valid of systemd. */
const problemWithName = (name: string) =>
  /^[ -9;-~]{0,255}$/.test(name) ? null : 'not a name for a descriptor';
