// The environment from which those of the workers of a generation are made: that of the master, env files, and defaults.
import { resolve } from 'node:path';
import { type EnvFile, readEnvFiles } from './env-file.js';

interface EnvironmentOptions {
  /** The environment of the master; wins over the files. */
  readonly env: NodeJS.ProcessEnv;
  /** Gives defaults for what neither the master nor a file has set; gets both. */
  readonly suggest: (given: NodeJS.ProcessEnv) => NodeJS.ProcessEnv;
  /** Later files win. */
  readonly envFiles: readonly string[];
  /** Where relative files are looked for. Logical path: a link in it is resolved anew for each generation. */
  readonly cwd: string;
}

export interface Environments {
  /**
   * Reads the files once for each generation, so that a replacement gets what the first worker got. `serving` is the
   * generation that serves, null for none: what was read for others is forgotten.
   */
  of(
    generation: number,
    serving: number | null,
  ): { readonly env: NodeJS.ProcessEnv } | { readonly problem: string };
}

export function createEnvironments(options: EnvironmentOptions): Environments {
  const { env, suggest, envFiles, cwd } = options;
  const files = new Map<number, EnvFile>();
  return {
    of(generation, serving) {
      let read = files.get(generation);
      if (read === undefined) {
        read = readEnvFiles(envFiles.map((path) => resolve(cwd, path)));
        for (const other of files.keys()) if (other !== serving) files.delete(other);
        files.set(generation, read);
      }
      if ('problem' in read) return read;
      const given = { ...read.variables, ...env };
      return { env: { ...suggest(given), ...given } };
    },
  };
}
