// From the config file to the options of a command line, as far as neither flag nor variable has set them.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { blamed, originsOf } from '../option-sources.js';
import { configOptions } from '../option-table.js';
import { logicalDirectory } from '../resolve-options.js';
import { type ConfigFile, readConfigFile } from './find-config.js';
import { type ConfigValues, configValues, type Section } from './validate-config.js';

/** What a file has decided. */
export interface LoadedConfig
  extends Pick<ConfigFile, 'path' | 'label'>,
    Pick<ConfigValues, 'words'> {}

interface Asked {
  readonly config?: string | undefined;
  readonly cwd?: string | undefined;
}

/** Sets options of `command`, which has been parsed; null where there is no file. Throws UsageError. */
export async function loadConfig(command: Command, section: Section): Promise<LoadedConfig | null> {
  const found = await readConfig(command.opts<Asked>(), process.env).catch((error) => {
    throw blamed(error, originsOf(command, null));
  });
  if (found === null) return null;
  const { values, words } = found.of(section);
  const decided = Object.keys(values).filter((name) =>
    ['default', undefined].includes(command.getOptionValueSource(name)),
  );
  for (const name of decided) {
    command.setOptionValueWithSource(name, values[name], 'config');
  }
  return { path: found.path, label: found.label, words };
}

export interface FoundConfig extends ConfigFile {
  /** Throws UsageError for what has no meaning anywhere in the file. */
  of(section: Section): ConfigValues;
}

/** The file for whoever is called like this. */
export async function readConfig(
  { config, cwd }: Asked,
  env: NodeJS.ProcessEnv,
): Promise<FoundConfig | null> {
  const here = logicalDirectory(env);
  const file = await readConfigFile(here, resolve(here, cwd ?? ''), config);
  if (file === null) return null;
  const options = configOptions();
  return { ...file, of: (section) => configValues(file.content, file.label, options, section) };
}
