// Finds out which instance a client command means.
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.js';
import { environmentOptions, originsOf, readConfig, withOrigins } from './option-sources.js';
import { variableOf } from './option-table.js';
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
  const environment = environmentOptions(env);
  const variables = originsOf(environment, variableOf, commandLine);
  const here = logicalDirectory(env);
  const given = [commandLine, environment].find(isInstance);
  if (given) return yield withOrigins(variables, () => instanceOf(given, here));

  const options = { ...environment, ...commandLine };
  const file = await readConfig(options, variables, env);
  if (!file) return yield instanceOf({}, resolve(here, options.cwd ?? ''));
  const sections = [file.of('run').values, file.of('dev').values];
  const reachable = sections.filter(({ control }) => control !== 'none');
  let last: Instance | null = null;
  for (const values of reachable.length > 0 ? reachable : sections) {
    const directory = resolve(here, options.cwd ?? values.cwd ?? '');
    const origins = originsOf(values, file.keyLabel);
    const instance = withOrigins(origins, () => instanceOf(values, directory));
    if (!isDeepStrictEqual(instance, last)) yield instance;
    last = instance;
  }
}

const isInstance = ({ name, control }: GivenOptions) => (name ?? control) !== undefined;

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
