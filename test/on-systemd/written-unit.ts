// Units as somebody would write them by hand, with just what a test is about.
import type { TestContext } from 'node:test';
import { type App, placeApp, UNITS, variables } from './app.js';
import { COMMAND, type Machine, NODE } from './machine.js';

export interface WrittenUnit {
  readonly port: number;
  /** `notify` when absent. */
  readonly type?: string;
  /** Options of graceful-run. */
  readonly options?: string;
  /** Lines for [Service] after those that each unit here has; an empty assignment takes one back. */
  readonly service?: readonly string[];
  /** The units `<name>.socket`, or `<name>-<key>.socket`, each with these lines for [Socket]. */
  readonly sockets?: Readonly<Record<string, readonly string[]>>;
  /** Another fixture than the one that load clients ask. */
  readonly app?: string;
  /** Of the service; the app that is the default listens on ADDRESS, the port. */
  readonly environment?: Readonly<Record<string, string>>;
}

const NOTIFY_FD_SINCE = 253;

/** Writes the units and the app; starts nothing. */
export async function installApp(
  t: TestContext,
  machine: Machine,
  name: string,
  options: WrittenUnit,
): Promise<App> {
  const sockets = Object.entries(options.sockets ?? {}).map(([key, lines]) => {
    const socket = key === '' ? `${name}.socket` : `${name}-${key}.socket`;
    const text = ['[Socket]', `Service=${name}.service`, ...lines, ''].join('\n');
    machine.writeFile(`${UNITS}/${socket}`, text);
    return socket;
  });
  machine.writeFile(`${UNITS}/${name}.service`, serviceUnit(machine.version, name, options));
  const app = placeApp(t, machine, name, { ...options, sockets });
  await machine.ok('systemctl', 'daemon-reload');
  return app;
}

/**
 * From 253 on the master is connected by the manager, and nobody else is listened to; before, `systemd-notify`
 * speaks for it, which is a process of its own.
 */
function serviceUnit(
  version: number,
  name: string,
  { port, type = 'notify', options = '', service = [], environment = {} }: WrittenUnit,
): string {
  const notify =
    version >= NOTIFY_FD_SINCE
      ? ['NotifyAccess=main', 'OpenFile=/run/systemd/notify:notify']
      : ['NotifyAccess=all'];
  const env = Object.entries({ ...variables(name, port), ...environment });
  return [
    '[Unit]',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    `Type=${type}`,
    ...notify,
    'User=app',
    `WorkingDirectory=/srv/${name}`,
    ...env.map(([key, value]) => `Environment='${key}=${value}'`),
    `ExecStart=${COMMAND} --name ${name} ${options} -- ${NODE} app.mjs`,
    `ExecReload=${COMMAND} reload --name ${name}`,
    `RuntimeDirectory=${name}`,
    'KillMode=mixed',
    'OOMPolicy=continue',
    'Restart=on-failure',
    'RestartSec=100ms',
    'TimeoutStartSec=20',
    'TimeoutStopSec=45',
    ...service,
    '',
  ].join('\n');
}
