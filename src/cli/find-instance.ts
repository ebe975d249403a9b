// Which instance a client command means.
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.js';
import type { ClientOptions } from './commands.js';
import { readConfig } from './config/apply-config.js';
import { blamed, blaming, type Origins } from './option-sources.js';
import { assertControl, instanceName, logicalDirectory } from './resolve-options.js';

export interface Instance {
  /** Seen from `cwd`; undefined for the usual places. */
  readonly control: string | undefined;
  readonly called: string;
  readonly cwd: string;
}

/**
 * By option, by variable, or by the config file that a master here would read; behind that the one of its part for `dev`, if
 * that is another. The file is left alone where it is not needed: whoever says which instance may stop it, be the file broken
 * or not. Throws UsageError.
 */
export async function* instancesMeant(
  options: ClientOptions,
  env: NodeJS.ProcessEnv,
): AsyncGenerator<Instance, void> {
  const { name } = options;
  // A name on the command line is no part of another instance that the variables mean.
  const control = options.control ?? (name === undefined ? env.GRACEFUL_RUN_CONTROL : undefined);
  const here = logicalDirectory(env);
  const variables = variablesFor(options, env);
  if (control !== undefined || name !== undefined) {
    return yield blaming(variables, () => instance(name ?? env.GRACEFUL_RUN_NAME, control, here));
  }
  const cwd = env.GRACEFUL_RUN_CWD;
  const config = options.config ?? env.GRACEFUL_RUN_CONFIG;
  const found = await readConfig({ cwd, config }, env).catch((error) => {
    throw blamed(error, variables);
  });
  if (!found) {
    const directory = resolve(here, cwd ?? '');
    return yield blaming(variables, () => instance(env.GRACEFUL_RUN_NAME, undefined, directory));
  }
  const parts: (ClientOptions & { readonly cwd?: string })[] = [
    found.of('run').values,
    found.of('dev').values,
  ];
  const reachable = parts.filter((one) => one.control !== 'none');
  let before: Instance | null = null;
  for (const values of reachable.length > 0 ? reachable : parts) {
    const keys = Object.keys(values).map((key) => [key, `${found.label}: ${key}`]);
    const origins = { ...Object.fromEntries(keys), ...variables };
    const directory = resolve(here, cwd ?? values.cwd ?? '');
    const one = blaming(origins, () =>
      instance(env.GRACEFUL_RUN_NAME ?? values.name, values.control, directory),
    );
    if (!isDeepStrictEqual(one, before)) yield one;
    before = one;
  }
}

/** Of the options that decide which instance it is. */
function variablesFor(options: ClientOptions, env: NodeJS.ProcessEnv): Origins {
  const names = (['name', 'control', 'config'] as const).filter((name) => {
    return options[name] === undefined && env[variableOf(name)] !== undefined;
  });
  return Object.fromEntries(names.map((name) => [name, variableOf(name)]));
}

const variableOf = (name: string) => `GRACEFUL_RUN_${name.toUpperCase()}`;

function instance(name: string | undefined, control: string | undefined, cwd: string): Instance {
  assertControl(control);
  if (control === 'none') {
    const hint = 'kill -HUP <pid> reloads, kill -TERM <pid> stops';
    throw new UsageError('--control none: there is no socket to ask; send signals', hint);
  }
  return { control, called: instanceName(name, cwd), cwd };
}
