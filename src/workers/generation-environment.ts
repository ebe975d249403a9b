// From what the environment of a generation is made: the master's own, over the files, which are read once for each,
// with suggestions of ours.
import { resolve } from 'node:path';
import { type EnvFile, readEnvFiles } from './env-file.js';

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
 * `suggest` sees what the user has said, which wins over what it gives.
 */
export function createEnvironments({
  env,
  suggest,
  envFiles,
  cwd,
}: {
  readonly env: NodeJS.ProcessEnv;
  readonly suggest: (given: NodeJS.ProcessEnv) => NodeJS.ProcessEnv;
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
      if (envFiles.length === 0) return { env: completed(env) };
      const read = filesOf(generation, serving);
      return 'problem' in read ? read : { env: completed({ ...read.variables, ...env }) };
    },
  };

  function completed(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { ...suggest(given), ...given };
  }
}
