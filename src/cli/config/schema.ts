// The type of a graceful-run.config file, derived from the option table: its keys are the options in camelCase.
import type { OPTIONS, OptionKey } from '../option-table.js';

/** `500ms`, `30s`, `5m`, `1h`; a number is seconds. */
export type Duration = string | number;

interface ValueByType {
  switch: boolean;
  list: string | readonly string[];
  paths: boolean | string | readonly string[];
  text: string;
  number: number | string;
  time: Duration;
}

type SettingValue<Row> = Row extends {
  type: 'text';
  parse: (...args: never[]) => infer Word extends string;
}
  ? Word
  : Row extends { type: infer Type extends keyof ValueByType }
    ? ValueByType[Type]
    : never;

/** All options except `config`; docs/command-line.md explains them. */
export type Settings = {
  [K in Exclude<OptionKey, 'config' | 'ready'>]?: SettingValue<(typeof OPTIONS)[K]>;
} & {
  /** What to run: `['node', 'app.js']`, or text that is split at spaces. A command on the command line replaces it. */
  command?: string | readonly string[];
  ready?:
    | 'auto'
    | 'notify'
    | 'ipc'
    | 'fd'
    | `http:${string}`
    | `https:${string}`
    | `after:${string}`;
};

export type Config = Settings & {
  /** Settings for `graceful-run dev`, which replace the others. Options with an own default in `dev` are set only here. */
  dev?: Settings;
};

/** Called when the master starts, and by each client command and `unit`. */
export type ConfigFactory = () => Config | Promise<Config>;

/** Returns `config` unchanged: it gives an editor the type of the config file. */
export function defineConfig<T extends Config | ConfigFactory>(config: T): T {
  return config;
}
