// The environment of a worker: what is added, and what is addressed to the master alone. Pure.
import {
  CONFIG_VARIABLE,
  FIRST_FD,
  type PreloadConfig,
  type SharedSocket,
} from '../ipc-protocol.js';
import { formatHostPort } from '../text/address.js';

/**
 * Removed. A worker that had them could speak to the service manager in the name of the master, or take
 * its own descriptors for those that somebody passed to the master.
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

/** Finds what a worker started, wherever it went; no two workers have the same. */
export const MARK = 'GRACEFUL_RUN_MARK';

export interface WorkerEnvironment {
  readonly mark: string;
  readonly generation: number;
  readonly slot: number;
  /** Logical path of the working directory. */
  readonly cwd: string;
  readonly sockets: readonly (SharedSocket & { readonly name: string })[];
  /** Where to write a newline, with `--ready fd`. */
  readonly readyFd: number | null;
  /** Its own socket for sd_notify(3). */
  readonly notifySocket: string | null;
  /** Milliseconds within which it has to feed its watchdog; 0 for no watchdog. */
  readonly watchdog: number;
  /** Signals that are for the master, and that it survives when they reach it as well. */
  readonly ignoredSignals: readonly NodeJS.Signals[];
  readonly inspect: boolean;
  readonly sourceMaps: boolean;
  readonly preload: string;
  readonly master: number;
}

/** `base` with the contracts of several supervisors in it. LISTEN_PID is set by the exec shim, or by the preload. */
export function workerEnvironment(
  base: NodeJS.ProcessEnv,
  worker: WorkerEnvironment,
): NodeJS.ProcessEnv {
  const env = { ...base };
  for (const name of MASTERS_OWN) delete env[name];
  const { sockets, generation, slot } = worker;
  // The debugger is reached through the master: it would print another address.
  const quietly = worker.inspect ? ' --inspect-publish-uid=http' : '';
  const nodeOptions = `--require ${quote(worker.preload)}${quietly}`;
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
  // Without WATCHDOG_PID it is for whoever has it, sd_watchdog_enabled(3): no pid is known before the spawn.
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

/** Server::Starter's forms: `port`, `host:port`, or a path. */
function starterName({ host, port, path }: SharedSocket): string {
  // A name in the abstract namespace begins with a NUL, which no variable can hold.
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

/** NODE_OPTIONS is split at spaces outside of double quotes, node(1). */
function quote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
