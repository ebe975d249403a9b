// Everything that a unit is made from, parsed and complete.
import { isIPv4 } from 'node:net';
import { isWithin } from '../linux/paths.js';
import type { ListenSpec } from '../sockets/listen-spec.js';

export type Account =
  | { readonly kind: 'dynamic' }
  | { readonly kind: 'static'; readonly user: string; readonly group: string | null };

export interface UnitRequest {
  /** Of the instance and of the unit. */
  readonly name: string;
  /** Major version of the systemd that will read it. */
  readonly systemd: number;
  /** Of graceful-run. */
  readonly version: string;
  /** Absolute paths of Node and of its script. */
  readonly node: string;
  readonly bin: string;
  /** The command and its arguments; empty when a config file has them. */
  readonly command: readonly string[];
  /** The options to repeat, as words, without `--name` and `--cwd`, which are always written. */
  readonly options: readonly string[];
  /** `logical` may lead through a `current` link that moves; `physical` is where it leads now. */
  readonly directory: { readonly logical: string; readonly physical: string };
  readonly account: Account;
  /** Milliseconds. */
  readonly timeouts: { readonly start: number; readonly drain: number; readonly kill: number };
  readonly listen: readonly ListenSpec[];
  /** Where `--control` puts the control socket; null for the usual place. */
  readonly control: string | null;
  /** The file of `--record`; null for none. */
  readonly record: string | null;
  /** True when systemd opens the sockets. */
  readonly socketUnits: boolean;
  /** Directories that PATH needs in front of the default of systemd. */
  readonly extraPath: readonly string[];
  /** Absolute paths that the service must be able to reach. */
  readonly requiredPaths: readonly string[];
}

/** The PATH of a service, systemd.exec(5); the last two are links to others where /usr is merged. */
export const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Node with `bin` as its script. Node would read an `--env-file` behind the script too, and take NODE_OPTIONS from it:
 * behind a `--` it does not.
 */
export function masterCommand({ node, bin, options }: UnitRequest): [string, ...string[]] {
  return options.includes('--env-file') ? [node, '--', bin] : [node, bin];
}

/** What the master is told: its name, its directory, its options and its command. */
export function masterArguments({ name, directory, options, command }: UnitRequest): string[] {
  const own = ['--name', name, '--cwd', directory.logical, ...options];
  return command.length > 0 ? [...own, '--', ...command] : own;
}

export function isRoot(account: Account): boolean {
  return account.kind === 'static' && ['root', '0'].includes(account.user);
}

/** True when `path` is one of `directories` or below one. */
export function isUnder(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => isWithin(path, directory));
}

/** Below it is `$RUNTIME_DIRECTORY/graceful-run/<name>.sock`; systemd's `RuntimeDirectory=` is relative to /run. */
export function runtimeDirectory({ name, listen, socketUnits }: UnitRequest): string {
  const inside = listen.some(
    ({ address }) => address.kind === 'unix' && isUnder(address.path, [`/run/${name}`]),
  );
  return socketUnits && inside ? `${name}/service` : name;
}

/** False for an address of one interface, which may not exist yet at boot. Null is every address. */
export function isWildcardOrLoopback(host: string | null): boolean {
  if (host === null || ['0.0.0.0', '::', '::1'].includes(host)) return true;
  return isIPv4(host) && host.startsWith('127.');
}
