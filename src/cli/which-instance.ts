// Which instance a client command means.
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.js';
import { blaming, readConfig } from './load-config.js';
import { instanceName, logicalDirectory } from './options.js';
import type { ClientOptions } from './program.js';

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
  if (control !== undefined || name !== undefined) {
    return yield instance(name ?? env.GRACEFUL_RUN_NAME, control, here);
  }
  const cwd = env.GRACEFUL_RUN_CWD;
  const found = await readConfig({ cwd, config: options.config ?? env.GRACEFUL_RUN_CONFIG }, env);
  if (!found) return yield instance(env.GRACEFUL_RUN_NAME, undefined, resolve(here, cwd ?? ''));
  const parts: (ClientOptions & { readonly cwd?: string })[] = [
    found.of('run').values,
    found.of('dev').values,
  ];
  const reachable = parts.filter((one) => one.control !== 'none');
  let before: Instance | null = null;
  for (const values of reachable.length > 0 ? reachable : parts) {
    const decided = Object.keys(values).filter((key) => key !== 'name' || !env.GRACEFUL_RUN_NAME);
    const directory = resolve(here, cwd ?? values.cwd ?? '');
    const one = blaming({ label: found.label, decided }, () =>
      instance(env.GRACEFUL_RUN_NAME ?? values.name, values.control, directory),
    );
    if (!isDeepStrictEqual(one, before)) yield one;
    before = one;
  }
}

function instance(name: string | undefined, control: string | undefined, cwd: string): Instance {
  if (control === 'none') {
    const hint = 'kill -HUP <pid> reloads, kill -TERM <pid> stops';
    throw new UsageError('--control none: there is no socket to ask; send signals', hint);
  }
  return { control, called: instanceName(name, cwd), cwd };
}
