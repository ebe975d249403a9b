// The types of option values, derived from the option table, and the step from text to values.
import {
  flagOf,
  OPTION_ENTRIES,
  type OPTIONS,
  type OptionKey,
  type OptionRow,
} from './option-table.js';

type Row<K extends OptionKey> = (typeof OPTIONS)[K];

/** Undefined means that the option is switched off, which replaces what a weaker source gives. */
type RawValue<R> = R extends { type: 'switch' }
  ? true | undefined
  : R extends { type: 'list' }
    ? readonly string[]
    : R extends { type: 'paths' }
      ? true | readonly string[] | undefined
      : string;

/** Options as one source gives them, as text. */
export type GivenOptions = { readonly [K in OptionKey]?: RawValue<Row<K>> };

/** Options from all sources, as text; those that have a default are always there. */
export type RawOptions = GivenOptions & {
  readonly [K in OptionKey as Row<K> extends { default: string } ? K : never]: string;
};

/** The two ways to run a command; in a config file, its outer part and its part `dev`. */
export type Section = 'run' | 'dev';

type Target = 'policy' | 'run';

type Parsed<R> = R extends { parse: (...args: never[]) => infer V }
  ? R extends { default: string }
    ? V
    : V | null
  : never;

/** The parsed values of all options with this target; null for an option that is not given and has no default. */
export type ParsedOptions<T extends Target> = {
  readonly [K in OptionKey as Row<K> extends { target: T } ? K : never]: Parsed<Row<K>>;
};

/** The default as text, or on; undefined for an option without one. */
export function defaultOf(row: OptionRow, section: Section): string | true | undefined {
  return (section === 'dev' ? row.devDefault : undefined) ?? row.default;
}

/** The default of each option that has one. */
export function defaultOptions(section: Section): RawOptions {
  const entries = OPTION_ENTRIES.map(([key, row]) => [key, defaultOf(row, section)] as const);
  return objectOf<RawOptions>(entries.filter(([, value]) => value !== undefined));
}

/** Parses all options with this target; paths are relative to `cwd`. Throws UsageError for the first wrong value. */
export function parseOptions<T extends Target>(
  raw: RawOptions,
  target: T,
  cwd: string,
): ParsedOptions<T> {
  const entries = OPTION_ENTRIES.flatMap(([key, row]) => {
    if (row.target !== target || !row.parse) return [];
    const text = raw[key];
    return [[key, typeof text === 'string' ? row.parse(text, flagOf(key), cwd) : null] as const];
  });
  return objectOf<ParsedOptions<T>>(entries);
}

/** An object whose type the caller knows from the table: TypeScript cannot follow it through a loop over the rows. */
export function objectOf<T>(entries: Iterable<readonly unknown[]>): T {
  return Object.fromEntries(entries);
}
