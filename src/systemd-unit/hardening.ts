// The sandbox of the service: what neither Node nor graceful-run needs is forbidden.
import { dirname } from 'node:path';
import { listItem } from './quote.js';
import { when } from './render.js';
import { isRoot, isUnder, runtimeDirectory, type UnitRequest } from './unit-input.js';

const HOMES = ['/home', '/root', '/run/user'];
const TEMPORARY = ['/tmp', '/var/tmp'];

export function hardening(request: UnitRequest): string[] {
  return [
    '# The sandbox: what an app on Node does not need. If yours needs something, allow it in `systemctl edit`.',
    'NoNewPrivileges=yes',
    ...capabilities(request),
    ...files(request),
    'PrivateMounts=yes',
    'PrivateDevices=yes',
    'ProtectProc=invisible',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    '# `no` for an app that starts a browser.',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    '# AF_UNIX: control socket. AF_NETLINK: os.networkInterfaces().',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'SystemCallArchitectures=native',
    '# Without ~@resources: Node raises its limit of open files. Left out on purpose: MemoryDenyWriteExecute= (V8 writes the code that it runs), ProcSubset=pid (hides /proc/net), UMask= (sockets and files of the app).',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
  ];
}

function capabilities({ listen, socketUnits, account }: UnitRequest): readonly string[] {
  // Without capabilities root may read less than other users, and an app that is started as root needs some of them.
  if (isRoot(account)) return [];
  const isLow = listen.some(
    ({ address }) => address.kind === 'tcp' && address.port > 0 && address.port < 1024,
  );
  return isLow && !socketUnits
    ? [
        '# For a port below 1024.',
        'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
        'AmbientCapabilities=CAP_NET_BIND_SERVICE',
      ]
    : [
        '# None. A port below 1024 has to be named with --listen, or opened by systemd (--socket).',
        'CapabilityBoundingSet=',
      ];
}

function files(request: UnitRequest): string[] {
  const { account, requiredPaths } = request;
  const writable = writablePaths(request);
  const uses = (directories: readonly string[]) =>
    requiredPaths.some((path) => isUnder(path, directories));
  return [
    ...(writable === null
      ? ['# /usr, /boot and /etc are read-only.', 'ProtectSystem=full']
      : [
          '# All files are read-only except for these; add what the app writes elsewhere.',
          'ProtectSystem=strict',
          `ReadWritePaths=${writable.map(listItem).join(' ')}`,
        ]),
    ...(uses(HOMES)
      ? ['# Not yes: the service needs files there.', 'ProtectHome=read-only']
      : ['ProtectHome=yes']),
    // A dynamic user always has its own.
    ...(uses(TEMPORARY)
      ? when(account.kind !== 'dynamic', '# The service needs files there.', 'PrivateTmp=no')
      : ['PrivateTmp=yes']),
  ];
}

/**
 * The directory of the app, with everything that its link may lead to later, and the directories of the files that
 * graceful-run creates. Null when that would be nearly everything.
 */
function writablePaths(request: UnitRequest): string[] | null {
  const { directory, listen, socketUnits, control, record } = request;
  const own = commonDirectory(directory.logical, directory.physical);
  if (own === '/') return null;
  const sockets = listen.map(({ address }) => (address.kind === 'unix' ? address.path : null));
  const created = [...(socketUnits ? [] : sockets), control, record]
    .filter((path) => path !== null)
    .map((path) => dirname(path))
    .filter((path) => !isUnder(path, [own, `/run/${runtimeDirectory(request)}`]));
  // The '-': graceful-run reports a missing directory more clearly than systemd.
  return [own, ...new Set(created.map((path) => `-${path}`))];
}

/** `/srv/app` for `/srv/app/current` and `/srv/app/releases/42`. */
function commonDirectory(one: string, other: string): string {
  let common = one;
  while (!isUnder(other, [common])) common = dirname(common);
  return common;
}
