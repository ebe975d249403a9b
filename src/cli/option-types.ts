// The types of option values, derived from the option table, and the step from text to values.
import {
  flagOf,
  OPTION_ENTRIES,
  type OPTIONS,
  type OptionKey,
  type OptionRow,
} from './option-table.js';

type Rows = typeof OPTIONS;

/** Undefined means that the option is switched off, which replaces what a weaker source gives. */
type OptionText<Type> = Type extends 'switch'
  ? true | undefined
  : Type extends 'list'
    ? readonly string[]
    : Type extends 'paths'
      ? true | readonly string[] | undefined
      : string;

/** Options as text, from one source or from several. */
export type GivenOptions = { readonly [K in OptionKey]?: OptionText<Rows[K]['type']> } & {
  /** The words of the command; at least one. */
  readonly command?: readonly string[];
};

/** The two ways to run a command; in a config file, its outer part and its part `dev`. */
export type Section = 'run' | 'dev';

/** The parsed values of all options with this target. */
export type ParsedOptions<Target> = {
  readonly [K in OptionKey as Rows[K] extends { target: Target } ? K : never]: Rows[K] extends {
    parse: (...args: never[]) => infer Value;
  }
    ? Value
    : never;
};

/** The default as text, or on; undefined for an option without one. */
export function defaultOf(row: OptionRow, section: Section): string | true | undefined {
  return (section === 'dev' ? row.devDefault : undefined) ?? row.default;
}

/** The default of each option that has one. */
export function defaultOptions(section: Section): GivenOptions {
  const entries = OPTION_ENTRIES.map(([key, row]) => [key, defaultOf(row, section)] as const);
  return objectOf<GivenOptions>(entries.filter(([, value]) => value !== undefined));
}

/** Parses all options with this target, which all have a default. Throws UsageError for the first wrong value. */
export function parseOptions<Target extends 'policy' | 'run'>(
  raw: GivenOptions,
  target: Target,
): ParsedOptions<Target> {
  const rows = OPTION_ENTRIES.filter(([, row]) => row.target === target);
  const entries = rows.map(([key, row]) => [
    key,
    row.parse?.(String(raw[key]).trim(), flagOf(key)),
  ]);
  return objectOf<ParsedOptions<Target>>(entries);
}

/** An object whose type the caller knows from the table: TypeScript cannot follow it through a loop over the rows. */
export function objectOf<T>(entries: Iterable<readonly unknown[]>): T {
  return Object.fromEntries(entries);
}
