// An app in a machine: its folder under /srv, and what is left of its units when its test has ended.
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { StatusReport } from '../../src/status/report-types.js';
import { eventually } from '../helpers/eventually.js';
import { fixture } from '../helpers/paths.js';
import { COMMAND, type Machine } from './machine.js';
import { innerPid, membersOf } from './processes.js';

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
  /** Waits until systemd has received so many pings of its watchdog (WATCHDOG=1) since the call. */
  pings(count: number): Promise<void>;
}

export interface Place {
  readonly port: number;
  /** Names of its socket units. */
  readonly sockets: readonly string[];
  /** The fixture that is its code; the one that load clients ask when absent. */
  readonly app?: string;
}

/** A release that is ready when the file `go` is there. */
export const WAITS = `import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
while (!existsSync('go')) await setTimeout(10);
export const release = 'waited';
`;

/** A release that fails when it is loaded. */
export const BROKEN = "throw new Error('no such setting: DATABASE_URL');\n";

export const UNITS = '/etc/systemd/system';

/** What the app finds in its environment. */
export function variables(name: string, port: number): Record<string, string> {
  return { ADDRESS: String(port), RELEASE: `/srv/${name}/release.mjs` };
}

/** Puts the code in place; the units are the caller's. */
export function placeApp(
  t: TestContext,
  machine: Machine,
  name: string,
  { port, sockets, app: code = 'hammer-app.mjs' }: Place,
): App {
  const folder = `/srv/${name}`;
  const unit = `${name}.service`;
  const units = [...sockets, unit];
  machine.writeFile(`${folder}/app.mjs`, readFileSync(fixture(code), 'utf8'));
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
    async pings(count) {
      const property = 'WatchdogTimestampMonotonic';
      const seen = new Set<string | undefined>();
      await eventually(`${count} pings of ${unit}`, async () => {
        seen.add((await machine.show(unit, property))[property]);
        return seen.size > count;
      });
    },
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
