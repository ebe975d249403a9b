// The service unit: how systemd starts, reloads, stops and restarts the master. The sandbox is in hardening.ts.
import { V8_FLAGS } from '../v8-flags.js';
import { hardening } from './hardening.js';
import { commandLine, listItem, wholeValue } from './quote.js';
import { knows, type UnitFile, unitText, when } from './render.js';
import { socketUnits } from './socket-units.js';
import { timeouts } from './timeouts.js';
import {
  isUnder,
  isWildcardOrLoopback,
  masterArguments,
  masterCommand,
  runtimeDirectory,
  SEARCH_PATH,
  type UnitRequest,
} from './unit-input.js';
import { socketUnitNames } from './unit-names.js';

/**
 * All files of one service, the socket units first, as systemd has to start them first. Throws UsageError for a value that
 * a unit cannot hold.
 */
export function unitFiles(request: UnitRequest): UnitFile[] {
  return [...(request.socketUnits ? socketUnits(request) : []), serviceUnit(request)];
}

/** Throws UsageError for a value that a unit cannot hold. */
export function serviceUnit(request: UnitRequest): UnitFile {
  const { systemd, version, listen, socketUnits } = request;
  const name = `${request.name}.service`;
  const lines = [
    `# ${name}, by graceful-run ${version} for systemd ${systemd}.`,
    `# For your own changes, such as Environment=: systemctl edit ${name}`,
    '',
    '[Unit]',
    ...dependencies(request),
    '',
    '[Service]',
    ...identity(request),
    '',
    ...lifecycle(request),
    '',
    ...timeouts(request),
    '',
    ...state(request),
    '',
    ...hardening(request),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    ...when(socketUnits, `Also=${socketUnitNames(request.name, listen).join(' ')}`),
  ];
  return { name, text: unitText(lines, systemd) };
}

function dependencies({ name, listen, socketUnits }: UnitRequest): string[] {
  const sockets = socketUnitNames(name, listen).join(' ');
  const waitsForAddress =
    !socketUnits &&
    listen.some(({ address }) => address.kind === 'tcp' && !isWildcardOrLoopback(address.host));
  return [
    `Description=${name} (graceful-run)`,
    ...(waitsForAddress
      ? [
          '# The address to listen on must be there first.',
          'Wants=network-online.target',
          'After=network-online.target',
        ]
      : ['After=network.target']),
    ...when(
      socketUnits,
      '# Without its sockets it would bind the addresses by itself.',
      `Requires=${sockets}`,
      `After=${sockets}`,
    ),
    socketUnits
      ? '# Never give up: at the limit of starts systemd would close the sockets as well.'
      : '# Never give up; RestartSec= slows a crash loop down.',
    'StartLimitIntervalSec=0',
  ];
}

function identity({ name, account, directory, extraPath }: UnitRequest): string[] {
  return [
    ...(account.kind === 'dynamic'
      ? ['# A user that exists only while the service runs.', 'DynamicUser=yes']
      : [
          `User=${wholeValue(account.user, '--user')}`,
          ...when(account.group !== null, `Group=${wholeValue(account.group ?? '', '--group')}`),
        ]),
    `WorkingDirectory=${wholeValue(directory.logical, 'the working directory')}`,
    ...when(
      extraPath.length > 0,
      '# Node, or the command, is not where systemd looks.',
      `Environment=${listItem(`PATH=${[...extraPath, SEARCH_PATH].join(':')}`)}`,
    ),
    '# Otherwise the journal calls it node.',
    `SyslogIdentifier=${name}`,
  ];
}

function lifecycle(request: UnitRequest): string[] {
  const { systemd, node, bin, name, control } = request;
  const [program, ...script] = masterCommand(request);
  const start = [...V8_FLAGS, ...script, ...masterArguments(request)];
  const reload = [
    ...[bin, 'reload', '--name', name],
    ...(control === null ? [] : ['--control', control]),
  ];
  return [
    '# It has started when the first workers serve. Not notify-reload: that cannot report that a reload failed.',
    'Type=notify',
    '# A connection to systemd that only the master has.',
    'OpenFile=/run/systemd/notify:notify',
    ...(knows(systemd, 'OpenFile')
      ? ['NotifyAccess=main']
      : [
          '# The master sends its messages with systemd-notify, which is another process. Workers are given other sockets.',
          'NotifyAccess=all',
        ]),
    '# --cwd: systemd resolves a link when it starts the service, graceful-run again at each reload. The options of Node save memory.',
    `ExecStart=${commandLine(program, start)}`,
    '# It waits for the outcome: `systemctl reload` fails when the new code does not serve, and the old code keeps serving.',
    `ExecReload=${commandLine(node, reload)}`,
    '# A stop during a reload ends the command above with SIGTERM; the service has not failed.',
    'SuccessExitStatus=SIGTERM',
    '# SIGTERM goes to the master alone, which lets the workers finish their requests. What is left when the master has exited gets SIGKILL.',
    'KillMode=mixed',
  ];
}

function state(request: UnitRequest): string[] {
  const { account, listen, socketUnits } = request;
  const directory = runtimeDirectory(request);
  // A preserved directory of a dynamic user is below /run/private, which only root can enter.
  const isOpen =
    account.kind === 'dynamic' &&
    !socketUnits &&
    listen.some(
      ({ address }) => address.kind === 'unix' && isUnder(address.path, [`/run/${directory}`]),
    );
  return [
    '# For the control socket.',
    `RuntimeDirectory=${directory}`,
    ...(isOpen
      ? [
          '# Clients cannot enter a preserved directory of a dynamic user.',
          'RuntimeDirectoryPreserve=no',
        ]
      : [
          '# A socket that is kept over a restart must keep its path.',
          'RuntimeDirectoryPreserve=restart',
        ]),
    ...when(
      !socketUnits && !isOpen,
      '# systemd keeps the listening sockets over a restart: clients wait instead of being refused.',
      'FileDescriptorStoreMax=64',
    ),
  ];
}
