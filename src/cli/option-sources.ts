// Where options come from: the command line wins over the environment, which wins over the config file.
import { resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { type ConfigFile, readConfigFile } from './config/find-config.js';
import { configValues } from './config/validate-config.js';
import { flagOf, OPTION_ENTRIES, type OptionRow, variableOf } from './option-table.js';
import {
  defaultOptions,
  type GivenOptions,
  objectOf,
  type RawOptions,
  type Section,
} from './option-types.js';
import { logicalDirectory } from './working-directory.js';

/** What messages name instead of a flag: `GRACEFUL_RUN_WORKERS`, or `my.json: workers`. */
export type OptionOrigins = Readonly<Record<string, string>>;

/** What all sources say; the content of the file is still to be checked. */
export interface OptionSources {
  /** The options of the command line and of the environment. */
  readonly given: GivenOptions;
  readonly origins: OptionOrigins;
  readonly file: ConfigFile | null;
}

export interface GatheredOptions {
  readonly section: Section;
  readonly raw: RawOptions;
  /** The options of the command line and of the environment. */
  readonly given: GivenOptions;
  readonly origins: OptionOrigins;
  /** The config file, and the command that it names, which may be empty. */
  readonly config: { readonly path: string; readonly words: readonly string[] } | null;
}

/** Combines the options of all sources; reads the config file. Throws UsageError. */
export async function gatherOptions(
  commandLine: GivenOptions,
  section: Section,
  env: NodeJS.ProcessEnv,
): Promise<GatheredOptions> {
  return combineSources(await readSources(commandLine, env), section);
}

/** Reads the environment, and the config file that belongs to these options. Throws UsageError. */
export async function readSources(
  commandLine: GivenOptions,
  env: NodeJS.ProcessEnv,
): Promise<OptionSources> {
  const environment = environmentOptions(env);
  const given = { ...environment, ...commandLine };
  const origins = { ...originsOf(environment, variableOf), ...originsOf(commandLine, flagOf) };
  const here = logicalDirectory(env);
  const file = await readConfigFile(here, resolve(here, given.cwd ?? ''), given.config).catch(
    (error) => {
      throw namingOrigin(error, origins);
    },
  );
  return { given, origins, file };
}

/** Combines the options of all sources. Throws UsageError for any mistake in the whole config file. */
export function combineSources(
  { given, origins, file }: OptionSources,
  section: Section,
): GatheredOptions {
  const defaults = defaultOptions(section);
  if (!file) return { section, raw: { ...defaults, ...given }, given, origins, config: null };
  const { path, label, content } = file;
  const { values, words } = configValues(content, label, section);
  return {
    section,
    raw: { ...defaults, ...values, ...given },
    given,
    origins: { ...originsOf(values, (key) => `${label}: ${key}`), ...origins },
    config: { path, words },
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

/** The name of each option by its flag. */
function originsOf(options: GivenOptions, nameOf: (key: string) => string): OptionOrigins {
  return Object.fromEntries(Object.keys(options).map((key) => [flagOf(key), nameOf(key)]));
}

/** Runs `work`. A UsageError that names a flag names the origin of that option instead. */
export function withOrigins<T>(origins: OptionOrigins, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw namingOrigin(error, origins);
  }
}

function namingOrigin(error: unknown, origins: OptionOrigins): unknown {
  if (!(error instanceof UsageError)) return error;
  const message = error.message.replace(/^--[a-z-]+/, (flag) => origins[flag] ?? flag);
  return new UsageError(message, error.hint);
}
