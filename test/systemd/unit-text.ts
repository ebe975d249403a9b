// The text of the units under test.
import { COMMAND, NODE } from './machine.js';
import type { AppOptions } from './unit.js';

/** `lines` come last: an assignment in them overrides an earlier one. */
export function serviceUnit(
  name: string,
  folder: string,
  { port, options = '', service = [], unit = [], environment = {} }: AppOptions,
): string {
  const variables = { ADDRESS: String(port), RELEASE: `${folder}/release.mjs`, ...environment };
  return [
    '[Unit]',
    'StartLimitIntervalSec=0',
    ...unit,
    '',
    '[Service]',
    'Type=exec',
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
    'TimeoutStopSec=45',
    ...service,
    '',
  ].join('\n');
}

/** `web` and `admin` of `app` are `app-web.socket` and `app-admin.socket`; the empty key is `app.socket`. */
export function socketUnit(name: string, key: string): string {
  return key === '' ? `${name}.socket` : `${name}-${key}.socket`;
}
