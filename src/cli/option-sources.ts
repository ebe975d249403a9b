// Where the value of an option comes from, when it stands on no command line: it is what messages have to name.
import type { Command } from 'commander';
import { UsageError } from '../errors.js';

/** What messages name instead of the flag, by the name of the option. */
export type Origins = Readonly<Record<string, string>>;

/** Of a command that has been parsed; `config` is the file from which some of its options are. */
export function originsOf(command: Command, config: { readonly label: string } | null): Origins {
  const entries = command.options.flatMap((option): [string, string][] => {
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    if (source === 'env' && option.envVar) return [[name, option.envVar]];
    return source === 'config' && config ? [[name, `${config.label}: ${name}`]] : [];
  });
  return Object.fromEntries(entries);
}

/** Does `work`; what it refuses of an option is told of the place where that has its value. */
export function blaming<T>(origins: Origins, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw blamed(error, origins);
  }
}

/** The error that names this place, where it begins with the flag. */
export function blamed(error: unknown, origins: Origins): unknown {
  if (!(error instanceof UsageError)) return error;
  const [flag = ''] = /^--[a-z-]+/.exec(error.message) ?? [];
  const origin = origins[flag.slice(2).replace(/-./g, (letter) => letter.slice(1).toUpperCase())];
  if (origin === undefined) return error;
  return new UsageError(`${origin}${error.message.slice(flag.length)}`, error.hint);
}
