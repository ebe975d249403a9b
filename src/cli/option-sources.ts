// Where options come from: the command line wins over the environment, which wins over the config file.
import { resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { type ConfigFile, readConfigFile } from './config/find-config.js';
import { configValues } from './config/validate-config.js';
import { flagOf, OPTION_ENTRIES, type OptionRow, variableOf } from './option-table.js';
import { defaultOptions, type GivenOptions, objectOf, type Section } from './option-types.js';
import { logicalDirectory } from './working-directory.js';

/** By flag, what messages name instead of it: `GRACEFUL_RUN_WORKERS`, or `my.json: workers`. */
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
  /** The options of all sources, and the defaults. */
  readonly raw: GivenOptions;
  /** The options of the command line and of the environment. */
  readonly given: GivenOptions;
  readonly origins: OptionOrigins;
  /** Absolute; null for none. */
  readonly configFile: string | null;
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
    (error) =>
      withOrigins(origins, () => {
        throw error;
      }),
  );
  return { given, origins, file };
}

/** Combines the options of all sources. Throws UsageError for any mistake in the whole config file. */
export function combineSources(
  { given, origins, file }: OptionSources,
  section: Section,
): GatheredOptions {
  const values = file ? configValues(file.content, file.label, section) : {};
  return {
    section,
    raw: { ...defaultOptions(section), ...values, ...given },
    given,
    origins: { ...originsOf(values, (key) => `${file?.label}: ${key}`), ...origins },
    configFile: file?.path ?? null,
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
  if (type === 'switch' || type === 'paths') {
    if (/^\s*(0|false|no)?\s*$/.test(text)) return undefined;
    if (/^\s*(1|true|yes)\s*$/.test(text)) return true as const;
    if (type === 'switch') {
      throw new UsageError(`${variable} '${text}' is not a switch; write 1 or 0`);
    }
  }
  return type === 'list' || type === 'paths' ? text.split(/\s+/).filter(Boolean) : text;
}

function originsOf(options: GivenOptions, nameOf: (key: string) => string): OptionOrigins {
  return Object.fromEntries(Object.keys(options).map((key) => [flagOf(key), nameOf(key)]));
}

/** The result of `work`. A UsageError of it that names a flag names the origin of that option instead. */
export function withOrigins<T>(origins: OptionOrigins, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const message = error.message.replace(/^--[a-z-]+/, (flag) => origins[flag] ?? flag);
    throw new UsageError(message, error.hint);
  }
}
