// What a unit is made from, understood and complete. Nothing else reaches the files that write units.
import type { ListenSpec } from '../sockets/listen-spec.js';

/** As it is to be repeated: `--drain-timeout 1m`; one without a value is a switch. */
export interface GivenOption {
  readonly flag: string;
  readonly value: string | null;
}

export type RunsAs =
  | { readonly kind: 'dynamic' }
  | { readonly kind: 'static'; readonly user: string; readonly group: string | null };

export interface UnitRequest {
  /** Of the instance and of the unit. */
  readonly name: string;
  /** Major version of the systemd that will read it. */
  readonly systemd: number;
  /** Of graceful-run. */
  readonly version: string;
  /** Absolute paths. */
  readonly node: string;
  readonly bin: string;
  /** The command and its arguments; none when a config file has them. */
  readonly words: readonly string[];
  /** Without `--name` and `--cwd`, which are always written. */
  readonly given: readonly GivenOption[];
  /** `logical` may lead through a `current` link that moves; `physical` is where it leads now. */
  readonly directory: { readonly logical: string; readonly physical: string };
  readonly runsAs: RunsAs;
  /** Milliseconds. */
  readonly timeouts: { readonly start: number; readonly drain: number; readonly kill: number };
  readonly listen: readonly ListenSpec[];
  /** Where `--control` puts the control socket; null for the usual place. */
  readonly control: string | null;
  /** True when systemd opens the sockets. */
  readonly socketUnits: boolean;
  /** Directories for PATH that systemd's own does not have. */
  readonly searchFirst: readonly string[];
  /** What else the service must be able to reach. */
  readonly needs: readonly string[];
}

/**
 * Node with `bin` as its script. It reads the files of an `--env-file` behind the script too, and takes NODE_OPTIONS
 * from them: after a `--` it does not.
 */
export function masterCommand({ node, bin, given }: UnitRequest): readonly [string, ...string[]] {
  const hidden = given.some(({ flag }) => flag === '--env-file');
  return hidden ? [node, '--', bin] : [node, bin];
}

/** The PATH of a service, systemd.exec(5); the last two are links to others where /usr is merged. */
export const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function isRoot(runsAs: RunsAs): boolean {
  return runsAs.kind === 'static' && ['root', '0'].includes(runsAs.user);
}

/** True when `path` is one of `directories` or below one. */
export function isUnder(path: string, directories: readonly string[]): boolean {
  return directories.some((one) => path === one || path.startsWith(`${one.replace(/\/$/, '')}/`));
}

/** Below it is `$RUNTIME_DIRECTORY/graceful-run/<name>.sock`; systemd's `RuntimeDirectory=` is relative to /run. */
export function runtimeDirectory({ name, listen, socketUnits }: UnitRequest): string {
  const inside = listen.some(
    ({ address }) => address.kind === 'unix' && isUnder(address.path, [`/run/${name}`]),
  );
  return socketUnits && inside ? `${name}/service` : name;
}
