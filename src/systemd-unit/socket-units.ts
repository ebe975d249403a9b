// One socket unit for each --listen: systemd opens it, keeps it while the service restarts or fails, and starts the
// service with the first client.
import { isIPv4 } from 'node:net';
import { UsageError } from '../errors.js';
import { DEFAULT_BACKLOG, describeAddress, type ListenSpec } from '../sockets/listen-spec.js';
import { wholeValue } from './quote.js';
import { type UnitFile, unitText, when } from './render.js';
import { isWildcardOrLoopback, type UnitRequest } from './unit-input.js';
import { socketName, socketUnitNames } from './unit-names.js';

/** Throws UsageError for what systemd cannot open. */
export function socketUnits({ listen, name, systemd, version }: UnitRequest): UnitFile[] {
  if (listen.length === 0) {
    const hint =
      'name what the app listens on: graceful-run unit --socket --listen :3000 -- node app.js';
    throw new UsageError('--socket: systemd has to know what to open', hint);
  }
  const files = socketUnitNames(name, listen);
  return listen.map((spec, index) => {
    const file = files[index] ?? '';
    const lines = [
      `# ${file}, by graceful-run ${version} for systemd ${systemd}.`,
      '',
      '[Unit]',
      `Description=${value(`${name}, ${describeAddress(spec.address)} (graceful-run)`)}`,
      '',
      '[Socket]',
      ...addressLines(spec),
      '# The name by which graceful-run, and programs that ask for it, find the socket.',
      `FileDescriptorName=${value(socketName(spec, index))}`,
      // The first socket unit has the name of the service.
      ...when(index > 0, `Service=${name}.service`),
      // By default systemd asks for as much as the kernel allows, and graceful-run leaves that as it is.
      ...when(spec.backlog !== DEFAULT_BACKLOG, `Backlog=${spec.backlog}`),
      '# The socket stays open, however often the service has to be started.',
      'TriggerLimitIntervalSec=0',
      '',
      '[Install]',
      'WantedBy=sockets.target',
    ];
    return { name: file, text: unitText(lines, systemd) };
  });
}

const value = (text: string) => wholeValue(text, '--listen');

function addressLines({ address, mode, owner, text }: ListenSpec): string[] {
  if (address.kind === 'unix') {
    return [
      `ListenStream=${value(address.path)}`,
      ...(mode === null ? [] : [`SocketMode=${mode.toString(8).padStart(4, '0')}`]),
      ...(owner?.user ? [`SocketUser=${value(owner.user)}`] : []),
      ...(owner?.group ? [`SocketGroup=${value(owner.group)}`] : []),
    ];
  }
  const { host, port, v6only } = address;
  if (port === 0) {
    throw new UsageError(`--listen '${text}': a socket unit needs a port`, '--listen :3000');
  }
  if (host === null) {
    return [
      `ListenStream=${port}`,
      '# IPv6 and IPv4, whatever net.ipv6.bindv6only is.',
      'BindIPv6Only=both',
    ];
  }
  const isV4 = isIPv4(host);
  return [
    `ListenStream=${isV4 ? host : `[${value(host)}]`}:${port}`,
    ...when(!isV4, `BindIPv6Only=${v6only ? 'ipv6-only' : 'both'}`),
    ...when(
      !isWildcardOrLoopback(host),
      '# The address may not exist yet at boot.',
      'FreeBind=yes',
    ),
  ];
}
