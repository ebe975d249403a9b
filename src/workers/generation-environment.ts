// The environment from which those of the workers of a generation are made: that of the master, env files, and defaults.
import { resolve } from 'node:path';
import { type EnvFile, readEnvFiles } from './env-file.js';
import type { WorkersOptions } from './worker-options.js';

/**
 * Reads the files once for each generation, so that a replacement gets what the first worker got. `serving` is the
 * generation that serves, null for none: what was read for others is forgotten.
 */
type EnvironmentOf = (
  generation: number,
  serving: number | null,
) => { readonly env: NodeJS.ProcessEnv } | { readonly problem: string };

export function createEnvironments({
  env,
  suggest,
  envFiles,
  cwd,
}: Pick<WorkersOptions, 'env' | 'suggest' | 'envFiles' | 'cwd'>): EnvironmentOf {
  const files = new Map<number, EnvFile>();
  return (generation, serving) => {
    let read = files.get(generation);
    if (read === undefined) {
      read = readEnvFiles(envFiles.map((path) => resolve(cwd, path)));
      for (const other of files.keys()) if (other !== serving) files.delete(other);
      files.set(generation, read);
    }
    if ('problem' in read) return read;
    const given = { ...read.variables, ...env };
    return { env: { ...suggest(given), ...given } };
  };
}
