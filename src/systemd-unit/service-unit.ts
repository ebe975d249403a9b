// The service unit: how systemd starts, reloads, stops and restarts the master. The sandbox is in hardening.ts.
import { isIPv4 } from 'node:net';
import { hardening } from './hardening.js';
import { knows } from './key-versions.js';
import { commandLine, listItem, wholeValue } from './quote.js';
import { type Line, line, type Section, type UnitFile, unitText } from './render.js';
import { limits } from './timeouts.js';
import {
  isUnder,
  masterCommand,
  runtimeDirectory,
  SEARCH_PATH,
  type UnitRequest,
} from './unit-input.js';
import { socketUnitNames } from './unit-names.js';

/** Throws UsageError for a value that no unit can hold. */
export function serviceUnit(request: UnitRequest): UnitFile {
  const name = `${request.name}.service`;
  const head = [
    `${name}, by graceful-run ${request.version} for systemd ${request.systemd}.`,
    `Changes of your own, such as Environment=: systemctl edit ${name}`,
  ];
  const lines = [
    ...identity(request),
    null,
    ...lifecycle(request),
    null,
    ...limits(request),
    null,
    ...state(request),
    null,
    ...hardening(request),
  ];
  const sections: Section[] = [
    { title: 'Unit', lines: dependencies(request) },
    { title: 'Service', lines },
    { title: 'Install', lines: install(request) },
  ];
  return { name, text: unitText(head, sections, request.systemd) };
}

function dependencies(request: UnitRequest): Line[] {
  const { name, listen, socketUnits } = request;
  const sockets = socketUnitNames(name, listen).join(' ');
  const waitsForAddress = !socketUnits && listen.some(({ address }) => isOfOneInterface(address));
  return [
    line('Description', `${name} (graceful-run)`),
    ...(waitsForAddress
      ? [
          line('Wants', 'network-online.target', 'The address to listen on must be there first.'),
          line('After', 'network-online.target'),
        ]
      : [line('After', 'network.target')]),
    ...(socketUnits
      ? [
          line('Requires', sockets, 'Without its sockets it would bind the addresses by itself.'),
          line('After', sockets),
        ]
      : []),
    line(
      'StartLimitIntervalSec',
      0,
      socketUnits
        ? 'Never give up: at the limit of starts systemd would close the sockets as well.'
        : 'Never give up; RestartSec= slows a crash loop down.',
    ),
  ];
}

function isOfOneInterface(address: UnitRequest['listen'][number]['address']): boolean {
  if (address.kind === 'unix' || address.host === null) return false;
  const { host } = address;
  return !['0.0.0.0', '::', '::1'].includes(host) && !(isIPv4(host) && host.startsWith('127.'));
}

function identity({ name, runsAs, directory, searchFirst }: UnitRequest): Line[] {
  const user =
    runsAs.kind === 'dynamic'
      ? [line('DynamicUser', 'yes', 'A user that exists only while the service runs.')]
      : [
          line('User', wholeValue(runsAs.user, '--user')),
          ...(runsAs.group === null ? [] : [line('Group', wholeValue(runsAs.group, '--group'))]),
        ];
  const path = [...searchFirst, SEARCH_PATH].join(':');
  return [
    ...user,
    line('WorkingDirectory', wholeValue(directory.logical, 'the working directory')),
    ...(searchFirst.length > 0
      ? [
          line(
            'Environment',
            listItem(`PATH=${path}`),
            'Node, or the command, is not where systemd looks.',
          ),
        ]
      : []),
    line('SyslogIdentifier', name, 'Else the journal calls it node.'),
  ];
}

function lifecycle(request: UnitRequest): Line[] {
  const { systemd, node, bin, name, directory, given, words } = request;
  const common = ['--name', name];
  const options = given.flatMap(({ flag, value }) => (value === null ? [flag] : [flag, value]));
  const control = request.control === null ? [] : ['--control', request.control];
  const run = words.length > 0 ? ['--', ...words] : [];
  const [program, ...script] = masterCommand(request);
  const place = ['--cwd', directory.logical];
  const start = [...script, ...common, ...place, ...options, ...run];
  return [
    line(
      'Type',
      'notify',
      'Started when the first workers serve. Not notify-reload: that cannot say that a reload failed.',
    ),
    ...(knows(systemd, 'OpenFile')
      ? [
          line(
            'OpenFile',
            '/run/systemd/notify:notify',
            'The way to systemd, as a descriptor that only the master has.',
          ),
          line('NotifyAccess', 'main'),
        ]
      : [
          line(
            'NotifyAccess',
            'all',
            'systemd-notify speaks for the master, and is a process of its own. Workers are given sockets of their own.',
          ),
        ]),
    line(
      'ExecStart',
      commandLine(program, start),
      '--cwd: systemd enters the place to which a link leads, graceful-run follows the link itself.',
    ),
    line(
      'ExecReload',
      commandLine(node, [bin, 'reload', ...common, ...control]),
      'Waits for the outcome: `systemctl reload` fails when the new code does not serve, and the old one goes on.',
    ),
    line(
      'SuccessExitStatus',
      'SIGTERM',
      'A stop in the middle of a reload ends the command above that way; the service has not failed.',
    ),
    line(
      'KillMode',
      'mixed',
      'SIGTERM goes to the master alone, which lets the workers finish; one that gets it itself dies with the requests in its hands. What is left when the master is gone gets SIGKILL.',
    ),
  ];
}

function state(request: UnitRequest): Line[] {
  const { runsAs, listen, socketUnits } = request;
  const directory = runtimeDirectory(request);
  // A preserved directory of a dynamic user is below /run/private, where only root gets.
  const open =
    runsAs.kind === 'dynamic' &&
    !socketUnits &&
    listen.some(
      ({ address }) => address.kind === 'unix' && isUnder(address.path, [`/run/${directory}`]),
    );
  return [
    line('RuntimeDirectory', directory, 'For the control socket.'),
    open
      ? line(
          'RuntimeDirectoryPreserve',
          'no',
          'Preserved ones of a dynamic user are closed to clients.',
        )
      : line(
          'RuntimeDirectoryPreserve',
          'restart',
          'What is kept over a restart must keep its path.',
        ),
    ...(socketUnits || open
      ? []
      : [
          line(
            'FileDescriptorStoreMax',
            64,
            'systemd keeps the listening sockets over a restart: clients wait instead of being refused.',
          ),
        ]),
  ];
}

function install({ name, listen, socketUnits }: UnitRequest): Line[] {
  return [
    line('WantedBy', 'multi-user.target'),
    ...(socketUnits ? [line('Also', socketUnitNames(name, listen).join(' '))] : []),
  ];
}
