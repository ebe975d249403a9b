// The environment of a worker: which variables are added, and which are removed because they are for the master. Pure.
import {
  CONFIG_VARIABLE,
  FIRST_FD,
  type PreloadConfig,
  type SharedSocket,
} from '../ipc-protocol.js';
import { formatHostPort } from '../text/address.js';

/**
 * Removed: with these variables a worker could send messages to the service manager in the name of the master, or take
 * its own descriptors for those that were passed to the master.
 */
export const MASTERS_OWN = [
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
  'LISTEN_PIDFDID',
  'FDSTORE',
  'MAINPIDFDID',
  'MANAGERPID',
  'MANAGERPIDFDID',
  'READY_FD',
  'SERVER_STARTER_PORT',
  'EINHORN_FD_COUNT',
];

/** Marks all descendants of a worker, also those that have left its process group. Each worker has another value. */
export const MARK = 'GRACEFUL_RUN_MARK';

export interface WorkerEnvironment {
  readonly mark: string;
  readonly generation: number;
  readonly slot: number;
  /** Logical path of the working directory. */
  readonly cwd: string;
  readonly sockets: readonly (SharedSocket & { readonly name: string })[];
  /** The descriptor into which to write a newline, with `--ready fd`. */
  readonly readyFd: number | null;
  /** Its own socket for sd_notify(3). */
  readonly notifySocket: string | null;
  /** Milliseconds within which it has to send WATCHDOG=1; 0 for no watchdog. */
  readonly watchdog: number;
  /** Signals that are for the master, and that the worker ignores when they reach it as well. */
  readonly ignoredSignals: readonly NodeJS.Signals[];
  readonly inspect: boolean;
  readonly sourceMaps: boolean;
  readonly preload: string;
  readonly master: number;
}

/**
 * `base` with the variables of systemd, Server::Starter and einhorn. LISTEN_PID is missing: the exec shim or the preload
 * sets it, because the pid is not known before the spawn.
 */
export function workerEnvironment(
  base: NodeJS.ProcessEnv,
  worker: WorkerEnvironment,
): NodeJS.ProcessEnv {
  const env = { ...base };
  for (const name of MASTERS_OWN) delete env[name];
  const { sockets, generation, slot } = worker;
  // The debugger is reached through the master, so Node must not print the address of the worker.
  const publish = worker.inspect ? ' --inspect-publish-uid=http' : '';
  const nodeOptions = `--require ${quote(worker.preload)}${publish}`;
  const config: PreloadConfig = {
    masterPid: worker.master,
    nodeOptions,
    sockets: sockets.map(withoutName),
    watchdogMs: worker.watchdog,
    ignoredSignals: worker.ignoredSignals,
    inspect: worker.inspect,
    sourceMaps: worker.sourceMaps,
  };
  Object.assign(env, {
    PWD: worker.cwd,
    NODE_OPTIONS: base.NODE_OPTIONS ? `${nodeOptions} ${base.NODE_OPTIONS}` : nodeOptions,
    [CONFIG_VARIABLE]: JSON.stringify(config),
    [MARK]: worker.mark,
    GRACEFUL_RUN_GENERATION: String(generation),
    GRACEFUL_RUN_WORKER: String(slot),
    SERVER_STARTER_GENERATION: String(generation),
  });
  if (worker.notifySocket !== null) env.NOTIFY_SOCKET = worker.notifySocket;
  // Without WATCHDOG_PID, as the pid is not known before the spawn: any process may use it, sd_watchdog_enabled(3).
  if (worker.watchdog > 0) env.WATCHDOG_USEC = String(Math.round(worker.watchdog * 1000));
  if (worker.readyFd !== null) env.READY_FD = String(worker.readyFd);
  if (sockets.length > 0) Object.assign(env, socketVariables(sockets));
  return env;
}

function socketVariables(sockets: WorkerEnvironment['sockets']): Record<string, string> {
  const einhorn = sockets.map((socket, i) => [`EINHORN_FD_${i}`, String(socket.fd)]);
  return {
    LISTEN_FDS: String(sockets.length),
    LISTEN_FDNAMES: sockets.map((socket) => socket.name).join(':'),
    SERVER_STARTER_PORT: sockets.map((socket) => `${starterName(socket)}=${socket.fd}`).join(';'),
    EINHORN_FD_COUNT: String(sockets.length),
    ...Object.fromEntries(einhorn),
  };
}

/** As Server::Starter writes them: `port`, `host:port`, or a path. */
function starterName({ host, port, path }: SharedSocket): string {
  // A name in the abstract namespace begins with a NUL, which a variable cannot contain.
  if (path !== null) return path.replace(/^\0/, '@');
  if (host === null || host === '::' || host === '0.0.0.0') return String(port ?? FIRST_FD);
  return formatHostPort(host, port ?? 0);
}

function withoutName({
  name: _,
  ...socket
}: SharedSocket & { readonly name: string }): SharedSocket {
  return socket;
}

/** Node splits NODE_OPTIONS at spaces outside of double quotes, node(1). */
function quote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
