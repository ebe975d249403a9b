// From what the environment of a generation is made: the master's own, over the files, which are read once for each,
// over suggestions of ours.
import { resolve } from 'node:path';
import { type EnvFile, readEnvFiles } from './env-files.js';

export type Base = { readonly env: NodeJS.ProcessEnv } | { readonly problem: string };

export interface Environments {
  /**
   * The same for all workers of a generation, also for those that replace others when the files have changed since
   * then. `serving` is the generation that serves, 0 for none: of the others nobody will ask again.
   */
  of(generation: number, serving: number): Base;
}

/**
 * `envFiles` are relative to `cwd`, the logical path, so that a link in it is followed anew for each generation.
 * `suggested` counts where nobody says anything else.
 */
export function createEnvironments({
  env,
  suggested,
  envFiles,
  cwd,
}: {
  readonly suggested: NodeJS.ProcessEnv;
  readonly env: NodeJS.ProcessEnv;
  readonly envFiles: readonly string[];
  readonly cwd: string;
}): Environments {
  const known = new Map<number, EnvFile>();

  function filesOf(generation: number, serving: number): EnvFile {
    const before = known.get(generation);
    if (before) return before;
    const read = readEnvFiles(envFiles.map((path) => resolve(cwd, path)));
    for (const other of known.keys()) if (other !== serving) known.delete(other);
    known.set(generation, read);
    return read;
  }

  return {
    of(generation, serving) {
      if (envFiles.length === 0) return { env: over({ ...env }) };
      const read = filesOf(generation, serving);
      return 'problem' in read ? read : { env: over({ ...read.variables, ...env }) };
    },
  };

  function over(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const env = { ...suggested, ...given };
    // Node would do as the other says, and warn of both.
    if (given.NO_COLOR && given.FORCE_COLOR === undefined) delete env.FORCE_COLOR;
    return env;
  }
}
