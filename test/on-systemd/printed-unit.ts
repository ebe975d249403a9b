// Units as `graceful-run unit` prints them on the machine itself, installed as its user would.
import type { TestContext } from 'node:test';
import { type App, placeApp, UNITS, variables } from './app.js';
import { COMMAND, type Machine, NODE } from './machine.js';

export interface PrintedUnit {
  readonly port: number;
  /** Options of `graceful-run unit`. */
  readonly flags: readonly string[];
  /** Names of the socket units that it is to make. */
  readonly sockets?: readonly string[];
  /** Lines for [Service] that the user adds. */
  readonly service?: readonly string[];
}

/** Lets it write the units, and adds to the service what the app needs; starts nothing. */
export async function installPrinted(
  t: TestContext,
  machine: Machine,
  name: string,
  { port, flags, sockets = [], service = [] }: PrintedUnit,
): Promise<App> {
  const app = placeApp(t, machine, name, { port, sockets });
  const command = [COMMAND, 'unit', '--install', '--name', name, ...flags, '--', NODE, 'app.mjs'];
  await machine.ok('env', `--chdir=${app.folder}`, ...command);
  const env = Object.entries(variables(name, port)).map(([key, to]) => `Environment=${key}=${to}`);
  // What `systemctl edit` makes.
  const own = `${UNITS}/${app.unit}.d/override.conf`;
  machine.writeFile(own, ['[Service]', ...env, ...service, ''].join('\n'));
  await machine.ok('systemctl', 'daemon-reload');
  return app;
}
