// Finds out which instance a client command means.
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.js';
import { combineSources, environmentOptions, readSources, withOrigins } from './option-sources.js';
import type { GivenOptions } from './option-types.js';
import { assertControl, instanceName } from './resolve-options.js';
import { logicalDirectory } from './working-directory.js';

export interface Instance {
  readonly name: string;
  /** Absolute path of the control socket; undefined for the usual places of this name. */
  readonly control: string | undefined;
  /** How messages name the instance. */
  readonly label: string;
}

/**
 * Finds the instances that may be meant, the best first. The first of these that gives a name or a control socket decides:
 * the command line, the environment, the config file. The config file may give two: that of a run, and that of its `dev`
 * part. If none gives anything, the name of the working directory counts. Throws UsageError.
 */
export async function* findInstances(
  commandLine: GivenOptions,
  env: NodeJS.ProcessEnv,
): AsyncGenerator<Instance, void> {
  const here = logicalDirectory(env);
  const direct = [commandLine, environmentOptions(env)].find(namesInstance);
  // The file may be broken then: it is not asked.
  const sources = await readSources(direct ? { ...commandLine, config: 'none' } : commandLine, env);
  if (direct) return yield withOrigins(sources.origins, () => instanceOf(direct, here));

  const sections = [combineSources(sources, 'run'), combineSources(sources, 'dev')];
  const reachable = sections.filter(({ raw }) => raw.control !== 'none');
  let last: Instance | null = null;
  for (const { raw, origins } of reachable.length > 0 ? reachable : sections) {
    const instance = withOrigins(origins, () => instanceOf(raw, resolve(here, raw.cwd ?? '')));
    if (!isDeepStrictEqual(instance, last)) yield instance;
    last = instance;
  }
}

const namesInstance = ({ name, control }: GivenOptions) => (name ?? control) !== undefined;

function instanceOf({ name: given, control }: GivenOptions, cwd: string): Instance {
  assertControl(control);
  if (control === 'none') {
    const hint = 'kill -HUP <pid> reloads, kill -TERM <pid> stops';
    throw new UsageError('--control none: there is no socket to ask; send signals', hint);
  }
  const name = instanceName(given, cwd);
  if (control === undefined) return { name, control, label: `named ${name}` };
  return { name, control: resolve(cwd, control), label: control };
}
