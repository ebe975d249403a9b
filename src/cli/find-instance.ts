// Finds out which instance a client command means, and where its control socket may be.
import { resolve } from 'node:path';
import { controlPaths, serviceControlPaths } from '../control/socket-path.js';
import { UsageError } from '../errors.js';
import { combineSources, environmentOptions, readSources, withOrigins } from './option-sources.js';
import type { GivenOptions } from './option-types.js';
import { controlPath, instanceName } from './resolve-options.js';
import { logicalDirectory } from './working-directory.js';

export interface Instance {
  /** How messages name it. */
  readonly label: string;
  /** Where its control socket may be. */
  readonly paths: readonly string[];
  /** Only directories of this user or of root are trusted; null where anybody's are. */
  readonly owner: number | null;
}

/**
 * Finds the instances that may be meant, the best first. The first of these that gives a name or a control socket decides:
 * the command line, the environment, the config file. The config file may give two: that of a run, and that of its `dev`
 * part. If none gives anything, the name of the working directory counts. Throws UsageError.
 */
export async function findInstances(
  commandLine: GivenOptions,
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<Instance[]> {
  const here = logicalDirectory(env);
  const direct = [commandLine, environmentOptions(env)].find(
    ({ name, control }) => (name ?? control) !== undefined,
  );
  // The file may be broken then: it is not read.
  const sources = await readSources(direct ? { ...commandLine, config: 'none' } : commandLine, env);
  const found = direct
    ? [{ raw: direct, origins: sources.origins }]
    : [combineSources(sources, 'run'), combineSources(sources, 'dev')];
  const reachable = found.filter(({ raw }) => raw.control !== 'none');
  return (reachable.length > 0 ? reachable : found).flatMap(({ raw, origins }) =>
    withOrigins(origins, () => instancesOf(raw, resolve(here, raw.cwd ?? ''), env, uid)),
  );
}

/** Without a path: the user's own instance of that name, and the service of that name. */
function instancesOf(
  { name: given, control }: GivenOptions,
  cwd: string,
  env: NodeJS.ProcessEnv,
  uid: number,
): Instance[] {
  const path = controlPath(control, cwd);
  if (path === null) {
    const hint = 'kill -HUP <pid> reloads, kill -TERM <pid> stops';
    throw new UsageError('--control none: there is no socket to ask; send signals', hint);
  }
  const name = instanceName(given, cwd);
  if (path !== undefined) return [{ label: control ?? path, paths: [path], owner: null }];
  const label = `named ${name}`;
  return [
    { label, paths: controlPaths(name, env, uid), owner: uid },
    { label, paths: serviceControlPaths(name), owner: null },
  ];
}
