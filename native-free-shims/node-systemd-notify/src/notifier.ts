// The client: what a service tells its service manager, sd_notify(3), through the first transport that works.
import { createFdTransport } from './fd-transport.js';
import { compose, type Descriptor, type Fields } from './message.js';
import { createSendQueue } from './send-queue.js';
import { createSystemdNotifyTransport } from './systemd-notify-transport.js';
import type { Transport, TransportName } from './transport.js';

/**
 * No call throws or rejects because of the socket, the service manager or the text. A promise is false when the
 * message was not handed over; whether systemd acted on it cannot be known. With transport `fd` the datagram is sent
 * when the call returns, unless the receiver was full.
 */
export interface Notifier {
  /** `none`: there is no service manager, or no means to reach it; calls have no effect. */
  readonly transport: TransportName;
  /** Sends all fields in one datagram. */
  notify(fields: Fields): Promise<boolean>;
  ready(status?: string): Promise<boolean>;
  status(text: string): Promise<boolean>;
  /** With MONOTONIC_USEC of the moment of the call. Must be followed by `ready`, also after a failure. */
  reloading(status?: string): Promise<boolean>;
  stopping(status?: string): Promise<boolean>;
  /** The present start, stop or reload may take `ms` milliseconds from now on; calls do not add up. */
  extendTimeout(ms: number): Promise<boolean>;
  watchdog(): Promise<boolean>;
  /**
   * Puts a copy of the descriptor into the store of the service manager (FileDescriptorStoreMax=), which passes it to
   * the next start under `name`. For a socket that Node itself works with, give the handle (`server._handle`), not the
   * number. `poll: false` keeps it although the other end hangs up.
   */
  storeFd(fd: Descriptor, name: string, options?: { readonly poll?: boolean }): Promise<boolean>;
  /** Removes all descriptors of that name from the store. */
  removeFd(name: string): Promise<boolean>;
  /** Resolves when every message so far was sent or has failed. */
  flush(): Promise<void>;
}

export interface NotifierOptions {
  /** Where NOTIFY_SOCKET, LISTEN_FDS and FDSTORE are looked up; by default the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly pid?: number;
  /** The transports that are tried, in this order; by default `['fd', 'tool']`. */
  readonly transports?: readonly TransportName[];
  /** Called for each message that was lost. */
  readonly onFailure?: (error: Error) => void;
}

export function createNotifier(options: NotifierOptions = {}): Notifier {
  const { env = process.env, pid = process.pid, transports = ['fd', 'tool'] } = options;
  // In a microtask of its own, so that no call throws when the listener does.
  const report = (error: Error) => queueMicrotask(() => options.onFailure?.(error));
  const transport = chooseTransport(transports, env, pid);
  const queue = transport && createSendQueue(transport, report);

  async function fail(error: Error): Promise<boolean> {
    report(error);
    return false;
  }

  function notify(fields: Fields, fd: Descriptor | null = null): Promise<boolean> {
    const target = env.NOTIFY_SOCKET;
    if (!queue && !target) return Promise.resolve(false);
    if (!queue) return fail(new Error(`cannot notify: no means to reach ${target}`));
    const message = compose(fields, fd);
    return message instanceof Error ? fail(message) : queue.enqueue(message);
  }

  const withStatus = (fields: Fields, status?: string) =>
    notify(status === undefined ? fields : { ...fields, STATUS: status });

  return {
    transport: transport?.name ?? 'none',
    notify: (fields) => notify(fields),
    ready: (status) => withStatus({ READY: 1 }, status),
    status: (text) => notify({ STATUS: text }),
    reloading: (status) => withStatus({ RELOADING: 1, MONOTONIC_USEC: monotonicUsec() }, status),
    stopping: (status) => withStatus({ STOPPING: 1 }, status),
    extendTimeout: (ms) => notify({ EXTEND_TIMEOUT_USEC: Math.round(ms * 1000) }),
    watchdog: () => notify({ WATCHDOG: 1 }),
    async storeFd(fd, name, { poll = true } = {}) {
      const problem = problemWithStore(transport, env) ?? problemWithName(name);
      if (problem !== null) return fail(new Error(`cannot store ${name}: ${problem}`));
      return notify({ FDSTORE: 1, FDNAME: name, ...(poll ? {} : { FDPOLL: 0 }) }, fd);
    },
    removeFd: (name) => notify({ FDSTOREREMOVE: 1, FDNAME: name }),
    flush: async () => queue?.flush(),
  };
}

function chooseTransport(
  names: readonly TransportName[],
  env: NodeJS.ProcessEnv,
  pid: number,
): Transport | null {
  const create = {
    fd: () => createFdTransport(env, pid),
    tool: () => createSystemdNotifyTransport(env),
  };
  for (const name of names) {
    if (name === 'none') return null;
    try {
      const transport = create[name]();
      if (transport) return transport;
    } catch {
      // The internals of this Node are different: try the next one.
    }
  }
  return null;
}

/** CLOCK_MONOTONIC, by which systemd sees that the message answers the present request to reload. */
const monotonicUsec = () => String(process.hrtime.bigint() / 1000n);

const NO_STORE = 'the unit has no FileDescriptorStoreMax=';

function problemWithStore(transport: Transport | null, env: NodeJS.ProcessEnv): string | null {
  if (!transport) return 'no service manager';
  if (!transport.passesFds) return `transport ${transport.name} cannot pass descriptors`;
  // FDSTORE came with systemd 254. OpenFile=, which the transport `fd` needs, came with 253, which is rare.
  return (env.FDSTORE ?? '0') === '0' ? NO_STORE : null;
}

/** The rule of fdname_is_valid in systemd. */
const problemWithName = (name: string) =>
  /^[ -9;-~]{0,255}$/.test(name) ? null : 'not a name for a descriptor';
