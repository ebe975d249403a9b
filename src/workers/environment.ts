// The environment of a worker: which variables are added, and which are removed because they are for the master.
import {
  CONFIG_VARIABLE,
  FIRST_FD,
  type PreloadConfig,
  type SharedSocket,
} from '../ipc-protocol.js';
import { inPackage } from '../package-root.js';
import { formatHostPort } from '../text/address.js';
import { readyFdOf } from './descriptors.js';
import type { SpawnRequest, WorkersOptions } from './worker-options.js';

/**
 * Removed: with these variables a worker could send messages to the service manager in the name of the master, or take
 * its own descriptors for those that were passed to the master.
 */
const MASTERS_OWN = [
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

/** All of native-free-shims/preload in one file, as each worker loads it at its start. */
const PRELOAD = inPackage('dist/src/preload.cjs');

/**
 * `base` with the variables of systemd, Server::Starter and einhorn. LISTEN_PID is missing: the exec shim or the preload
 * sets it, because the pid is not known before the spawn.
 */
export function workerEnvironment(
  base: NodeJS.ProcessEnv,
  options: WorkersOptions,
  { generation, slot, sockets, notifySocket }: SpawnRequest,
  mark: string,
): NodeJS.ProcessEnv {
  const env = { ...base };
  for (const name of MASTERS_OWN) delete env[name];
  const { inspect, sourceMaps, watchdog } = options;
  // The debugger is reached through the master, so Node must not print the address of the worker.
  const nodeOptions = `${requireOption(PRELOAD)}${inspect ? ' --inspect-publish-uid=http' : ''}`;
  const config: PreloadConfig = {
    masterPid: process.pid,
    nodeOptions,
    sockets: sockets.map(({ shared }) => shared),
    watchdogMs: watchdog,
    ignoredSignals: ignoredSignals(options),
    inspect,
    sourceMaps,
  };
  Object.assign(env, {
    PWD: options.cwd,
    NODE_OPTIONS: base.NODE_OPTIONS ? `${nodeOptions} ${base.NODE_OPTIONS}` : nodeOptions,
    [CONFIG_VARIABLE]: JSON.stringify(config),
    [MARK]: mark,
    GRACEFUL_RUN_GENERATION: String(generation),
    GRACEFUL_RUN_WORKER: String(slot),
    SERVER_STARTER_GENERATION: String(generation),
  });
  if (notifySocket !== null) env.NOTIFY_SOCKET = notifySocket;
  // Without WATCHDOG_PID, as the pid is not known before the spawn: any process may use it, sd_watchdog_enabled(3).
  if (watchdog > 0) env.WATCHDOG_USEC = String(Math.round(watchdog * 1000));
  if (options.readyFd) env.READY_FD = String(readyFdOf(sockets.length));
  if (sockets.length > 0) Object.assign(env, socketVariables(sockets));
  return env;
}

/**
 * Signals for the master that reach the workers too when a whole unit is signalled (`systemctl kill -s HUP`), and would
 * end every program that has no handler for them.
 */
export function ignoredSignals({ stopSignal }: WorkersOptions): NodeJS.Signals[] {
  return (['SIGHUP', 'SIGUSR2'] as const).filter((signal) => signal !== stopSignal);
}

/** Node splits NODE_OPTIONS at spaces outside of double quotes, node(1). */
export function requireOption(path: string): string {
  return `--require "${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function socketVariables(sockets: SpawnRequest['sockets']): Record<string, string> {
  const einhorn = sockets.map(({ shared }, i) => [`EINHORN_FD_${i}`, String(shared.fd)]);
  return {
    LISTEN_FDS: String(sockets.length),
    LISTEN_FDNAMES: sockets.map(({ name }) => name).join(':'),
    SERVER_STARTER_PORT: sockets
      .map(({ shared }) => `${starterName(shared)}=${shared.fd}`)
      .join(';'),
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
