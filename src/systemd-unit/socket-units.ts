// One socket unit for each --listen: systemd opens it, keeps it while the service restarts or fails, and
// starts the service with the first client.
import { isIPv4 } from 'node:net';
import { UsageError } from '../errors.js';
import { DEFAULT_BACKLOG, describeAddress, type ListenSpec } from '../sockets/listen-spec.js';
import { wholeValue } from './quote.js';
import { type Line, line, type UnitFile, unitText } from './render.js';
import type { UnitRequest } from './unit-input.js';
import { socketName, socketUnitNames } from './unit-names.js';

/** Throws UsageError where there is nothing that systemd could open. */
export function socketUnits(request: UnitRequest): UnitFile[] {
  const { listen, name, systemd } = request;
  if (listen.length === 0) {
    const hint =
      'name what the app listens on: graceful-run unit --socket --listen :3000 -- node app.js';
    throw new UsageError('--socket: systemd has to know what to open', hint);
  }
  const names = socketUnitNames(name, listen);
  return listen.map((spec, index) => {
    const file = names[index] ?? '';
    const sections = [
      { title: 'Unit', lines: [line('Description', description(name, spec))] },
      { title: 'Socket', lines: socketLines(request, spec, index) },
      { title: 'Install', lines: [line('WantedBy', 'sockets.target')] },
    ];
    const head = [`${file}, by graceful-run ${request.version} for systemd ${systemd}.`];
    return { name: file, text: unitText(head, sections, systemd) };
  });
}

function description(name: string, { address: to }: ListenSpec): string {
  return wholeValue(`${name}, ${describeAddress(to)} (graceful-run)`, '--listen');
}

function socketLines({ name }: UnitRequest, spec: ListenSpec, index: number): Line[] {
  // The first has the name of the service.
  const service = index === 0 ? [] : [line('Service', `${name}.service`)];
  const why = 'The name under which graceful-run, and programs that ask for it, know it.';
  return [
    ...address(spec),
    line('FileDescriptorName', wholeValue(socketName(spec, index), '--listen'), why),
    ...service,
    // Without it as much as the kernel allows, which graceful-run leaves as it is.
    ...(spec.backlog === DEFAULT_BACKLOG ? [] : [line('Backlog', spec.backlog)]),
    line(
      'TriggerLimitIntervalSec',
      0,
      'However often the service has to be started, its socket stays open.',
    ),
  ];
}

function address(spec: ListenSpec): Line[] {
  const { address: to, mode, owner } = spec;
  if (to.kind === 'unix') {
    return [
      line('ListenStream', wholeValue(to.path, '--listen')),
      ...(mode === null ? [] : [line('SocketMode', mode.toString(8).padStart(4, '0'))]),
      ...(owner?.user ? [line('SocketUser', wholeValue(owner.user, '--listen'))] : []),
      ...(owner?.group ? [line('SocketGroup', wholeValue(owner.group, '--listen'))] : []),
    ];
  }
  const { host, port, v6only } = to;
  if (port === 0) {
    throw new UsageError(`--listen '${spec.text}': a socket unit needs a port`, '--listen :3000');
  }
  if (host === null) {
    const why = 'IPv6 and IPv4, whatever net.ipv6.bindv6only says.';
    return [line('ListenStream', port), line('BindIPv6Only', 'both', why)];
  }
  if (isIPv4(host)) return [line('ListenStream', `${host}:${port}`), ...freeBind(host)];
  const only = v6only ? 'ipv6-only' : 'both';
  const stream = `[${wholeValue(host, '--listen')}]:${port}`;
  return [line('ListenStream', stream), line('BindIPv6Only', only), ...freeBind(host)];
}

function freeBind(host: string): Line[] {
  if (['0.0.0.0', '::', '::1'].includes(host) || host.startsWith('127.')) return [];
  return [line('FreeBind', 'yes', 'At boot the address may not be there yet.')];
}
