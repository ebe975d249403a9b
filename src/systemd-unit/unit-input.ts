// Everything that a unit is made from, parsed and complete.
import { isWithin } from '../linux/paths.js';
import type { ListenSpec } from '../sockets/listen-spec.js';

export interface UnitRequest {
  /** Of the instance and of the unit. */
  readonly name: string;
  /** Major version of the systemd that will read it. */
  readonly systemd: number;
  /** Of graceful-run. */
  readonly version: string;
  /** Null for a user that exists only while the service runs. */
  readonly user: string | null;
  /** Null for the group of the user. */
  readonly group: string | null;
  /** The command of the master, and the one that asks it for a reload. */
  readonly start: readonly [program: string, ...args: string[]];
  readonly reload: readonly [program: string, ...args: string[]];
  /** `logical` may lead through a `current` link that moves; `physical` is where it leads now. */
  readonly directory: { readonly logical: string; readonly physical: string };
  /** Milliseconds. */
  readonly timeouts: { readonly start: number; readonly drain: number; readonly kill: number };
  readonly listen: readonly ListenSpec[];
  /** True when systemd opens the sockets. */
  readonly socketUnits: boolean;
  /** Directories that PATH needs in front of the default of systemd. */
  readonly extraPath: readonly string[];
  /** Absolute paths that the service must be able to reach. */
  readonly requiredPaths: readonly string[];
  /** Absolute paths of the files that graceful-run creates. */
  readonly createdPaths: readonly string[];
}

/** The PATH of a service, systemd.exec(5); the last two are links to others where /usr is merged. */
export const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** True when `path` is one of `directories` or below one. */
export function isUnder(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => isWithin(path, directory));
}

/** True when one of the sockets is a file in `/run/<name>`. */
export function hasSocketInRun({ name, listen }: UnitRequest): boolean {
  return listen.some(
    ({ address }) => address.kind === 'unix' && isWithin(address.path, `/run/${name}`),
  );
}

/**
 * Relative to /run. The control socket is `$RUNTIME_DIRECTORY/graceful-run/<name>.sock`. systemd removes the directory of a
 * service that stops, but not one above it, in which its own sockets may be.
 */
export function runtimeDirectory(request: UnitRequest): string {
  const { name, socketUnits } = request;
  return socketUnits && hasSocketInRun(request) ? `${name}/service` : name;
}
