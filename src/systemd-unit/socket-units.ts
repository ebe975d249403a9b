// One socket unit for each --listen: systemd opens it, keeps it while the service restarts or fails, and starts the
// service with the first client.
import { isIPv4 } from 'node:net';
import { UsageError } from '../errors.js';
import { DEFAULT_BACKLOG, describeAddress, type ListenSpec } from '../sockets/listen-spec.js';
import type { UnitRequest } from './unit-input.js';
import { type UnitFile, unitFile, when, wholeValue } from './unit-text.js';

/** Throws UsageError for what systemd cannot open. */
export function socketUnits(request: UnitRequest): UnitFile[] {
  const { listen, name } = request;
  if (listen.length === 0) {
    const hint =
      'name what the app listens on: graceful-run unit --socket --listen :3000 -- node app.js';
    throw new UsageError('--socket: systemd has to know what to open', hint);
  }
  return listen.map((spec, index) =>
    unitFile(unitName(name, spec, index), request, [
      '',
      '[Unit]',
      `Description=${value(`${name}, ${describeAddress(spec.address)} (graceful-run)`)}`,
      '',
      '[Socket]',
      ...addressLines(spec),
      '# The name by which graceful-run, and programs that ask for it, find the socket.',
      `FileDescriptorName=${value(spec.name ?? defaultName(index))}`,
      ...when(index > 0, `Service=${name}.service`),
      // By default systemd asks for as much as the kernel allows, and graceful-run leaves that as it is.
      ...when(spec.backlog !== DEFAULT_BACKLOG, `Backlog=${spec.backlog}`),
      '# The socket stays open, however often the service has to be started.',
      'TriggerLimitIntervalSec=0',
      '',
      '[Install]',
      'WantedBy=sockets.target',
    ]),
  );
}

/** systemd takes the first one for the service of the same name. */
function unitName(name: string, spec: ListenSpec, index: number): string {
  if (index === 0) return `${name}.socket`;
  // The name of a socket may have characters that the name of a unit cannot have.
  const suffix = /^[\w.-]+$/.test(spec.name ?? '') ? spec.name : defaultName(index);
  return `${name}-${suffix}.socket`;
}

/** The name that the master gives to a socket which it opens itself. */
const defaultName = (index: number) => `socket-${index + 1}`;

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
  const bothFamilies = `BindIPv6Only=${v6only ? 'ipv6-only' : 'both'}`;
  if (host === null) return [`ListenStream=${port}`, bothFamilies];
  return [
    `ListenStream=${isIPv4(host) ? host : `[${value(host)}]`}:${port}`,
    ...when(!isIPv4(host), bothFamilies),
    '# The address may not exist yet at boot.',
    'FreeBind=yes',
  ];
}
