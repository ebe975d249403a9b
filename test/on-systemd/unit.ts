// An app in a machine: its folder under /srv, its units, and what is left of them when its test has ended.
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { StatusReport } from '../../src/status-report.js';
import { eventually } from '../helpers/eventually.js';
import { fixture } from '../helpers/paths.js';
import { COMMAND, type Machine } from './machine.js';
import { innerPid, membersOf } from './processes.js';
import { serviceUnit, socketUnit } from './unit-text.js';

export interface App {
  readonly name: string;
  /** Of the service. */
  readonly unit: string;
  readonly folder: string;
  readonly port: number;
  /** Puts a release in place; `text` in place of a working one is a broken one. */
  deploy(release: string, text?: string): void;
  /** Pids on the host of all that is in the cgroup of the service. */
  processes(): number[];
  /** Pid on the host of the main process. */
  master(): Promise<number>;
  /** `active`, `reloading`, `failed`. */
  state(): Promise<string>;
  /** What graceful-run says of itself. */
  status(): Promise<StatusReport>;
  /** Waits until a generation serves. */
  serves(): Promise<StatusReport>;
}

export interface AppOptions {
  readonly port: number;
  /** `notify` when absent. */
  readonly type?: string;
  /** Options of graceful-run. */
  readonly options?: string;
  /** Lines for [Service] after those that each unit here has; an empty assignment takes one back. */
  readonly service?: readonly string[];
  /** Lines for [Unit]. */
  readonly unit?: readonly string[];
  /** The units `<name>.socket`, or `<name>-<key>.socket`, each with these lines for [Socket]. */
  readonly sockets?: Readonly<Record<string, readonly string[]>>;
  /** Another fixture than the one that load clients ask. */
  readonly app?: string;
  /** Of the service; the app that is the default listens on ADDRESS, the port. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Writes the units and the app; starts nothing. */
export async function installApp(
  t: TestContext,
  machine: Machine,
  name: string,
  options: AppOptions,
): Promise<App> {
  const { port } = options;
  const folder = `/srv/${name}`;
  const unit = `${name}.service`;
  const files = '/etc/systemd/system';
  machine.writeFile(
    `${folder}/app.mjs`,
    readFileSync(fixture(options.app ?? 'hammer-app.mjs'), 'utf8'),
  );
  machine.writeFile(`${files}/${unit}`, serviceUnit(machine.version, name, folder, options));
  const sockets = Object.entries(options.sockets ?? {});
  for (const [key, lines] of sockets) {
    const text = ['[Socket]', `Service=${unit}`, ...lines, ''].join('\n');
    machine.writeFile(`${files}/${socketUnit(name, key)}`, text);
  }
  await machine.ok('systemctl', 'daemon-reload');

  const units = [unit, ...sockets.map(([key]) => socketUnit(name, key))];
  t.after(async () => {
    if (!(t as unknown as { passed?: boolean }).passed) t.diagnostic(await story(machine, units));
    await machine.systemctl('kill', '--signal=KILL', unit);
    await machine.systemctl('stop', ...units);
    await machine.systemctl('reset-failed', ...units);
  });

  const app: App = {
    ...{ name, unit, folder, port },
    deploy: (release, text = `export const release = '${release}';\n`) =>
      machine.writeFile(`${folder}/release.mjs`, text),
    processes: () => membersOf(machine, unit),
    async master() {
      const { MainPID = '0' } = await machine.show(unit, 'MainPID');
      const main = app.processes().find((pid) => innerPid(pid) === Number(MainPID));
      if (main === undefined) throw new Error(`${unit} has no main process (${MainPID})`);
      return main;
    },
    state: async () => (await machine.systemctl('is-active', unit)).stdout.trim(),
    async status() {
      const control = `/run/${name}/graceful-run/${name}.sock`;
      return JSON.parse(await machine.ok(COMMAND, 'status', '--json', '--control', control));
    },
    serves: () =>
      eventually(
        `${name} serves`,
        () => app.status(),
        ({ phase }) => phase === 'serving',
      ),
  };
  app.deploy('1');
  return app;
}

/** For the message of a test that failed. */
async function story(machine: Machine, units: readonly string[]): Promise<string> {
  const named = units.flatMap((one) => ['--unit', one]);
  const { stdout } = await machine.run('journalctl', '--no-pager', '--lines=80', ...named);
  const status = await machine.systemctl('status', '--lines=0', ...units);
  return `${status.stdout}\n${stdout}`;
}
