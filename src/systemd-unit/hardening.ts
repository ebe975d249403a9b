// The sandbox of the service: what neither Node nor graceful-run needs is forbidden.
import { dirname } from 'node:path';
import { isUnder, runtimeDirectory, type UnitRequest } from './unit-input.js';
import { listItem, when } from './unit-text.js';

const HOMES = ['/home', '/root', '/run/user'];
const TEMPORARY = ['/tmp', '/var/tmp'];

export function hardening(request: UnitRequest): string[] {
  const { user, listen, socketUnits, directory, requiredPaths } = request;
  const isRoot = user === 'root' || user === '0';
  const opensLowPort =
    !socketUnits &&
    listen.some(({ address }) => 'port' in address && address.port > 0 && address.port < 1024);
  const capability = opensLowPort ? 'CAP_NET_BIND_SERVICE' : '';
  const own = commonDirectory(directory.logical, directory.physical);
  const needs = (directories: readonly string[]) =>
    requiredPaths.some((path) => isUnder(path, directories));
  return [
    '# The sandbox: what an app on Node does not need. If yours needs something, allow it in',
    '# `systemctl edit`.',
    'NoNewPrivileges=yes',
    // Without capabilities root may read less than other users, and an app that is started as root needs some of them.
    ...when(
      !isRoot,
      '# Empty unless --listen names a port below 1024 that is not opened by systemd (--socket).',
      `CapabilityBoundingSet=${capability}`,
      `AmbientCapabilities=${capability}`,
    ),
    ...(own === '/'
      ? ['# /usr, /boot and /etc are read-only.', 'ProtectSystem=full']
      : [
          '# All files are read-only except for these; add what the app writes elsewhere.',
          'ProtectSystem=strict',
          `ReadWritePaths=${writablePaths(request, own).map(listItem).join(' ')}`,
        ]),
    '# Home directories and /tmp are hidden unless the service needs files there.',
    `ProtectHome=${needs(HOMES) ? 'read-only' : 'yes'}`,
    `PrivateTmp=${needs(TEMPORARY) ? 'no' : 'yes'}`,
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
    '# Without ~@resources: Node raises its limit of open files. Left out on purpose:',
    '# MemoryDenyWriteExecute= (V8 writes the code that it runs), ProcSubset=pid (hides /proc/net),',
    '# UMask= (sockets and files of the app).',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
  ];
}

/** The directory of the app, and the directories of the files that graceful-run creates elsewhere. */
function writablePaths(request: UnitRequest, own: string): string[] {
  const elsewhere = request.createdPaths
    .map((path) => dirname(path))
    .filter((path) => !isUnder(path, [own, `/run/${runtimeDirectory(request)}`]));
  // The '-': graceful-run reports a missing directory more clearly than systemd.
  return [own, ...new Set(elsewhere.map((path) => `-${path}`))];
}

/** `/srv/app` for `/srv/app/current` and `/srv/app/releases/42`: the link may lead anywhere in it later. */
function commonDirectory(one: string, other: string): string {
  let common = one;
  while (!isUnder(other, [common])) common = dirname(common);
  return common;
}
