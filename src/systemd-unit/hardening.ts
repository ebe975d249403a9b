// The sandbox of the service: all that neither Node nor graceful-run needs is taken away.
import { dirname } from 'node:path';
import { listItem } from './quote.js';
import { type Line, line } from './render.js';
import { isRoot, isUnder, runtimeDirectory, type UnitRequest } from './unit-input.js';

const HOMES = ['/home', '/root', '/run/user'];
const TEMPORARY = ['/tmp', '/var/tmp'];

export function hardening(request: UnitRequest): Line[] {
  return [
    line(
      'NoNewPrivileges',
      'yes',
      'The sandbox: what an app on Node can do without. One that cannot says so in `systemctl edit`.',
    ),
    ...capabilities(request),
    ...files(request),
    line('PrivateMounts', 'yes'),
    line('PrivateDevices', 'yes'),
    line('ProtectProc', 'invisible'),
    line('ProtectKernelTunables', 'yes'),
    line('ProtectKernelModules', 'yes'),
    line('ProtectKernelLogs', 'yes'),
    line('ProtectControlGroups', 'yes'),
    line('ProtectClock', 'yes'),
    line('ProtectHostname', 'yes'),
    line('RestrictNamespaces', 'yes', '`no` for an app that starts a browser.'),
    line('RestrictRealtime', 'yes'),
    line('RestrictSUIDSGID', 'yes'),
    line('LockPersonality', 'yes'),
    line(
      'RestrictAddressFamilies',
      'AF_UNIX AF_INET AF_INET6 AF_NETLINK',
      'AF_UNIX: control socket. AF_NETLINK: os.networkInterfaces().',
    ),
    line('SystemCallArchitectures', 'native'),
    line(
      'SystemCallFilter',
      '@system-service',
      'Without ~@resources: Node raises its limit of open files. Left out on purpose: MemoryDenyWriteExecute= (V8 writes the code that it runs), ProcSubset=pid (hides /proc/net), UMask= (sockets and files of the app).',
    ),
    line('SystemCallErrorNumber', 'EPERM'),
  ];
}

function capabilities({ listen, socketUnits, runsAs }: UnitRequest): Line[] {
  // Root without capabilities may read less than any user, and an app started as root wants something of it.
  if (isRoot(runsAs)) return [];
  const low = listen.some(
    ({ address }) => address.kind === 'tcp' && address.port > 0 && address.port < 1024,
  );
  if (socketUnits || !low) {
    const why =
      'None. A port below 1024 has to be named with --listen, or opened by systemd (--socket).';
    return [line('CapabilityBoundingSet', '', why)];
  }
  return [
    line('CapabilityBoundingSet', 'CAP_NET_BIND_SERVICE', 'A port below 1024; and nothing else.'),
    line('AmbientCapabilities', 'CAP_NET_BIND_SERVICE'),
  ];
}

function files(request: UnitRequest): Line[] {
  const { runsAs, needs } = request;
  const writable = writablePaths(request);
  const uses = (directories: readonly string[]) => needs.some((path) => isUnder(path, directories));
  const dynamic = runsAs.kind === 'dynamic';
  const lines: Line[] = [];
  if (writable === null) {
    lines.push(line('ProtectSystem', 'full', '/usr, /boot and /etc can only be read.'));
  } else {
    lines.push(
      line(
        'ProtectSystem',
        'strict',
        'All can only be read but what follows; add what the app writes elsewhere.',
      ),
      line('ReadWritePaths', writable.map(listItem).join(' ')),
    );
  }
  lines.push(
    uses(HOMES)
      ? line('ProtectHome', 'read-only', 'Not yes: what the service needs is there.')
      : line('ProtectHome', 'yes'),
  );
  // A dynamic user always has its own.
  if (!uses(TEMPORARY)) lines.push(line('PrivateTmp', 'yes'));
  else if (!dynamic) lines.push(line('PrivateTmp', 'no', 'What the service needs is there.'));
  return lines;
}

/**
 * The directory of the app, with all that its link may lead to in time; and where sockets are made. Null
 * where that would be nearly everything.
 */
function writablePaths(request: UnitRequest): string[] | null {
  const { directory, listen, socketUnits, control } = request;
  const own = commonDirectory(directory.logical, directory.physical);
  if (own === '/') return null;
  const sockets = socketUnits
    ? []
    : listen.flatMap(({ address }) => (address.kind === 'unix' ? [dirname(address.path)] : []));
  if (control !== null) sockets.push(dirname(control));
  // One that is missing is reported by graceful-run, more clearly than by systemd: hence the '-'.
  const writable = [own, `/run/${runtimeDirectory(request)}`];
  const others = sockets.filter((path) => !isUnder(path, writable)).map((path) => `-${path}`);
  return [own, ...new Set(others)];
}

/** `/srv/app` for `/srv/app/current` and `/srv/app/releases/42`. */
function commonDirectory(one: string, other: string): string {
  let common = one;
  while (!isUnder(other, [common])) common = dirname(common);
  return common;
}
