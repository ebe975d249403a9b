// Where options come from: the command line wins over the environment, which wins over the config file.
import { resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { type ConfigFile, readConfigFile } from './config/find-config.js';
import { type ConfigValues, configValues } from './config/validate-config.js';
import {
  flagOf,
  OPTION_ENTRIES,
  type OptionKey,
  type OptionRow,
  variableOf,
} from './option-table.js';
import {
  defaultOptions,
  type GivenOptions,
  objectOf,
  type RawOptions,
  type Section,
} from './option-types.js';
import { logicalDirectory } from './working-directory.js';

/** What messages name instead of the flag, for each option that is not given on the command line. */
export type OptionOrigins = Readonly<Partial<Record<OptionKey, string>>>;

/** The config file, as far as a run has to know it. */
export interface LoadedConfig {
  readonly path: string;
  readonly label: string;
  /** The command; empty if the file does not name it. */
  readonly words: readonly string[];
}

export interface GatheredOptions {
  readonly raw: RawOptions;
  /** The options of the command line and of the environment. */
  readonly given: GivenOptions;
  readonly origins: OptionOrigins;
  readonly config: LoadedConfig | null;
}

/** Combines the options of all sources; reads the config file. Throws UsageError. */
export async function gatherOptions(
  commandLine: GivenOptions,
  section: Section,
  env: NodeJS.ProcessEnv,
): Promise<GatheredOptions> {
  const environment = environmentOptions(env);
  const given = { ...environment, ...commandLine };
  const variables = originsOf(environment, variableOf, commandLine);
  const file = await readConfig(given, variables, env);
  const found = file?.of(section);
  return {
    raw: { ...defaultOptions(section), ...found?.values, ...given },
    given,
    origins: { ...(file && originsOf(found?.values ?? {}, file.keyLabel, given)), ...variables },
    config: file && { path: file.path, label: file.label, words: found?.words ?? [] },
  };
}

/** The options that are set by variables. Throws UsageError. */
export function environmentOptions(env: NodeJS.ProcessEnv): GivenOptions {
  const entries = OPTION_ENTRIES.flatMap(([key, row]) => {
    const text = env[variableOf(key)];
    return text === undefined ? [] : [[key, variableValue(row, text, variableOf(key))] as const];
  });
  return objectOf<GivenOptions>(entries);
}

/** A variable cannot be repeated: several values in it are separated by spaces. */
function variableValue({ type }: OptionRow, text: string, variable: string) {
  if (type === 'list') return text.split(/\s+/).filter(Boolean);
  if (type !== 'switch' && type !== 'paths') return text;
  if (/^\s*(0|false|no)?\s*$/.test(text)) return undefined;
  if (/^\s*(1|true|yes)\s*$/.test(text)) return true as const;
  if (type === 'paths') return text.split(/\s+/).filter(Boolean);
  throw new UsageError(`${variable} '${text}' is not a switch; write 1 or 0`);
}

/** The origin of each option of `options`, except for those that `stronger` gives. */
export function originsOf(
  options: GivenOptions,
  nameOf: (key: string) => string,
  stronger: GivenOptions = {},
): OptionOrigins {
  const keys = Object.keys(options).filter((key) => !(key in stronger));
  return Object.fromEntries(keys.map((key) => [key, nameOf(key)]));
}

export interface FoundConfig extends ConfigFile {
  /** How messages name the value of this key. */
  keyLabel(key: string): string;
  /** What the file sets for this section. Throws UsageError for any mistake in the whole file. */
  of(section: Section): ConfigValues;
}

/** Reads the config file that belongs to these options; null if there is none. Throws UsageError. */
export async function readConfig(
  { config, cwd }: GivenOptions,
  origins: OptionOrigins,
  env: NodeJS.ProcessEnv,
): Promise<FoundConfig | null> {
  const here = logicalDirectory(env);
  const file = await readConfigFile(here, resolve(here, cwd ?? ''), config).catch((error) => {
    throw namingOrigin(error, origins);
  });
  return (
    file && {
      ...file,
      keyLabel: (key) => `${file.label}: ${key}`,
      of: (section) => configValues(file.content, file.label, section),
    }
  );
}

/** Runs `work`. A UsageError that names a flag names the origin of that option instead, if the flag was not given. */
export function withOrigins<T>(origins: OptionOrigins, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw namingOrigin(error, origins);
  }
}

function namingOrigin(error: unknown, origins: OptionOrigins): unknown {
  if (!(error instanceof UsageError)) return error;
  const [flag = ''] = /^--[a-z-]+/.exec(error.message) ?? [];
  const origin = Object.entries(origins).find(([key]) => flagOf(key) === flag)?.[1];
  if (origin === undefined) return error;
  return new UsageError(`${origin}${error.message.slice(flag.length)}`, error.hint);
}
