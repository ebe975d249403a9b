// The service unit: how systemd starts, reloads, stops and restarts the master. The sandbox is in hardening.ts.
import { UsageError } from '../errors.js';
import { hardening } from './hardening.js';
import { socketUnits } from './socket-units.js';
import { hasSocketInRun, runtimeDirectory, SEARCH_PATH, type UnitRequest } from './unit-input.js';
import { commandLine, listItem, type UnitFile, unitFile, when, wholeValue } from './unit-text.js';

/** The first systemd with `OpenFile=`. A key that a systemd does not know is a warning in its journal. */
const OPEN_FILE_SINCE = 253;
/** The first one with `RestartSteps=`, and with `systemd-notify --fd`, which puts a descriptor into the store. */
const STORE_SINCE = 254;

/** Added to the limits of graceful-run, so that graceful-run is the one that reports what took too long. */
const MARGIN_S = 10;

/**
 * All files of one service, the socket units first, as systemd has to start them first. Throws UsageError for a value that
 * a unit cannot hold.
 */
export function unitFiles(request: UnitRequest): UnitFile[] {
  assertUnitName(request.name);
  const sockets = request.socketUnits ? socketUnits(request) : [];
  return [...sockets, serviceUnit(request, sockets.map((file) => file.name).join(' '))];
}

/** Throws UsageError unless a valid instance name can name a unit, too, systemd.unit(5). */
function assertUnitName(name: string): void {
  if (/^\w[\w.-]*(@[\w.-]+)?(?<!\.(service|socket))$/.test(name)) return;
  throw new UsageError(`--name '${name}' cannot name a unit`, 'give it another one: --name shop');
}

function serviceUnit(request: UnitRequest, sockets: string): UnitFile {
  const name = `${request.name}.service`;
  return unitFile(name, request, [
    `# For your own changes, such as Environment=: systemctl edit ${name}`,
    '',
    '[Unit]',
    `Description=${request.name} (graceful-run)`,
    'After=network.target',
    ...when(
      request.socketUnits,
      '# Without its sockets it would bind the addresses by itself.',
      `Requires=${sockets}`,
      `After=${sockets}`,
    ),
    '# Never give up: RestartSec= slows a crash loop down, and at the limit of starts systemd would',
    '# close the sockets of socket units as well.',
    'StartLimitIntervalSec=0',
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
    ...when(request.socketUnits, `Also=${sockets}`),
  ]);
}

function identity({ name, user, group, directory, extraPath }: UnitRequest): string[] {
  return [
    ...(user === null
      ? ['# A user that exists only while the service runs.', 'DynamicUser=yes']
      : [`User=${wholeValue(user, '--user')}`]),
    ...(group === null ? [] : [`Group=${wholeValue(group, '--group')}`]),
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

function lifecycle({ systemd, start, reload }: UnitRequest): string[] {
  return [
    '# It has started when the first workers serve. Not notify-reload: that cannot report that a',
    '# reload failed.',
    'Type=notify',
    ...(systemd >= OPEN_FILE_SINCE
      ? [
          '# A connection to systemd that only the master has.',
          'OpenFile=/run/systemd/notify:notify',
          'NotifyAccess=main',
        ]
      : [
          '# The master sends its messages with systemd-notify, which is another process. Workers are',
          '# given other sockets.',
          'NotifyAccess=all',
        ]),
    '# --cwd: systemd resolves a link when it starts the service, graceful-run again at each reload.',
    '# The options of Node save memory.',
    `ExecStart=${commandLine(start)}`,
    '# It waits for the outcome: `systemctl reload` fails when the new code does not serve, and the',
    '# old code keeps serving.',
    `ExecReload=${commandLine(reload)}`,
    '# A stop during a reload ends the command above with SIGTERM; the service has not failed.',
    'SuccessExitStatus=SIGTERM',
    '# SIGTERM goes to the master alone, which lets the workers finish their requests. What is left',
    '# when the master has exited gets SIGKILL.',
    'KillMode=mixed',
  ];
}

function timeouts({ systemd, timeouts, socketUnits }: UnitRequest): string[] {
  const { start, drain, kill } = timeouts;
  const seconds = (ms: number) => Math.ceil(ms / 1000) + MARGIN_S;
  const canSlowDown = systemd >= STORE_SINCE;
  return [
    '# Start and reload: twice --start-timeout (the first worker alone, then the others; or a reload',
    `# behind another), --kill-timeout, and ${MARGIN_S}s.`,
    `TimeoutStartSec=${seconds(2 * start + kill)}`,
    `# --drain-timeout, --kill-timeout, and ${MARGIN_S}s. While it takes longer, graceful-run asks for more.`,
    `TimeoutStopSec=${seconds(drain + kill)}`,
    '# A master that hangs, for example on a journal that is not read, is replaced with all its',
    '# workers.',
    'WatchdogSec=30',
    '# For the master; crashed workers are replaced by the master.',
    'Restart=on-failure',
    `RestartSec=${canSlowDown ? 1 : 3}`,
    // The steps are counted since `systemctl start`, however long ago that was, so the last delay is short.
    ...when(
      canSlowDown,
      '# The delay grows in five steps to 10s.',
      'RestartSteps=5',
      'RestartMaxDelaySec=10',
    ),
    // With socket units, waiting clients would start it again at once, and again.
    ...when(
      !socketUnits,
      '# The command line is wrong, and will be wrong the next time.',
      'RestartPreventExitStatus=2',
    ),
    '# If the kernel kills one worker for memory, the others keep serving, and it is replaced.',
    'OOMPolicy=continue',
  ];
}

function state(request: UnitRequest): string[] {
  const { systemd, user, socketUnits } = request;
  // A preserved directory of a dynamic user is below /run/private, which only root can enter: no client of a socket.
  const isOpen = user === null && !socketUnits && hasSocketInRun(request);
  return [
    '# For the control socket.',
    `RuntimeDirectory=${runtimeDirectory(request)}`,
    isOpen
      ? '# Clients cannot enter a preserved directory of a dynamic user.'
      : '# A socket that is kept over a restart must keep its path.',
    `RuntimeDirectoryPreserve=${isOpen ? 'no' : 'restart'}`,
    ...when(
      systemd >= STORE_SINCE && !socketUnits && !isOpen,
      '# systemd keeps the listening sockets over a restart: clients wait instead of being refused.',
      'FileDescriptorStoreMax=64',
    ),
  ];
}
