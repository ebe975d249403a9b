// The text of the units under test.
import { COMMAND, NODE } from './machine.js';
import type { AppOptions } from './unit.js';

const NOTIFY_FD_SINCE = 253;

/**
 * What somebody would write who has read the manual. From 253 on the master is connected by the manager, and
 * nobody else is listened to; before, `systemd-notify` has to speak for it, which is none of ours by then.
 */
export function serviceUnit(
  version: number,
  name: string,
  folder: string,
  { port, type = 'notify', options = '', service = [], unit = [], environment = {} }: AppOptions,
): string {
  const notify =
    version >= NOTIFY_FD_SINCE
      ? ['NotifyAccess=main', 'OpenFile=/run/systemd/notify:notify']
      : ['NotifyAccess=all'];
  const variables = { ADDRESS: String(port), RELEASE: `${folder}/release.mjs`, ...environment };
  return [
    '[Unit]',
    'StartLimitIntervalSec=0',
    ...unit,
    '',
    '[Service]',
    `Type=${type}`,
    ...(type === 'exec' ? [] : notify),
    'User=app',
    `WorkingDirectory=${folder}`,
    ...Object.entries(variables).map(([key, value]) => `Environment='${key}=${value}'`),
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

/** `web` and `admin` of `app` are `app-web.socket` and `app-admin.socket`; the empty key is `app.socket`. */
export function socketUnit(name: string, key: string): string {
  return key === '' ? `${name}.socket` : `${name}-${key}.socket`;
}
