// What a config file means: its keys are the long options in camelCase. Data in, data out; touches nothing.
import { inspect } from 'node:util';
import type { Option } from 'commander';
import { UsageError } from '../../errors.js';
import { nearest } from '../../text/suggest.js';

export type Section = 'run' | 'dev';

export interface ConfigValues {
  /** By the name of the option, as commander has them from a command line. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The command; none when the file does not name it. */
  readonly words: readonly string[];
}

/** Where one value stands: the file, and the object in it. */
interface Place {
  readonly label: string;
  readonly prefix: string;
}

/** Values for which a number does as well, by the word that stands for them in the help text. */
const NUMBERS = ['time', 'signal', 'port', 'n'];

const AS_LIST = 'write a list: ["node", "app.js"]';

/** Not in a file: which file is to be read. */
const NOT_IN_FILE = 'config';

/**
 * Reads all of `content`, with the part for `dev` on top when that is what runs; `options` are those of each
 * section. What `dev` has a default of its own for, such as its short limits, is set by that part alone. Throws UsageError for the first key that does not exist or has a value of the wrong type.
 */
export function configValues(
  content: unknown,
  label: string,
  options: Readonly<Record<Section, readonly Option[]>>,
  section: Section,
): ConfigValues {
  const { dev = {}, ...run } = objectOf(content, `${label}: `);
  const plain = sectionValues(run, { label, prefix: '' }, options.run, ['dev']);
  const place = { label, prefix: 'dev.' };
  const special = sectionValues(objectOf(dev, `${label}: dev: `), place, options.dev, []);
  const inherited = without(plain.values, defaultsOfItsOwn(options));
  const values = section === 'dev' ? { ...inherited, ...special.values } : plain.values;
  const own = section === 'dev' && special.words.length > 0;
  return {
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
    words: own ? special.words : plain.words,
  };
}

function defaultsOfItsOwn({ run, dev }: Readonly<Record<Section, readonly Option[]>>): string[] {
  const usual = new Map(run.map((one) => [one.long, one.defaultValue]));
  const differing = dev.filter((one) => one.defaultValue !== usual.get(one.long));
  return differing.map((one) => one.attributeName());
}

function without(
  values: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

function objectOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${where}${show(value)} is no object with options`);
}

function sectionValues(
  object: Readonly<Record<string, unknown>>,
  place: Place,
  options: readonly Option[],
  others: readonly string[],
): ConfigValues {
  const byKey = new Map(options.map((option) => [option.attributeName(), option]));
  byKey.delete(NOT_IN_FILE);
  const values: Record<string, unknown> = {};
  let words: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    const option = byKey.get(key);
    if (!option && key !== 'command')
      refuseKey(key, place, ['command', ...byKey.keys(), ...others]);
    // `listen: process.env.SOCKET`, say.
    if (value === undefined) continue;
    const refuse = (problem: string): never => {
      throw new UsageError(`${place.label}: ${place.prefix}${key}: ${problem}`);
    };
    if (option) values[key] = optionValue(option, value, refuse);
    else words = commandWords(value, refuse);
  }
  return { values, words };
}

function refuseKey(key: string, { label, prefix }: Place, keys: readonly string[]): never {
  const meant = nearest(key, keys);
  const advice = meant ? `did you mean ${prefix}${meant}?` : `there are ${keys.join(', ')}`;
  throw new UsageError(`${label}: unknown key '${prefix}${key}'; ${advice}`);
}

function optionValue(option: Option, value: unknown, refuse: (problem: string) => never): unknown {
  if (option.isBoolean() || option.negate) {
    return typeof value === 'boolean' ? value : refuse(`${show(value)} is neither true nor false`);
  }
  if (option.optional && typeof value === 'boolean') {
    // In the part for dev it takes back what is said above.
    return value ? (option.presetArg ?? true) : undefined;
  }
  const noun = nounOf(option);
  const text = (one: unknown): string => {
    if (typeof one === 'string') return one;
    return typeof one === 'number' && NUMBERS.includes(noun)
      ? String(one)
      : refuse(`${show(one)} is no ${noun === 'n' ? 'number' : noun}`);
  };
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (option.variadic) return list.map(text);
  const parse = option.parseArg;
  if (parse === undefined) return text(value);
  // As for an option that is repeated; how it gathers its values is its own affair.
  const gathered = list.reduce((before, one) => parse(text(one), before), undefined);
  if (!Array.isArray(value) || Array.isArray(gathered)) return gathered;
  return value.length === 0 ? [] : refuse('only one value is possible, not a list');
}

/** Of `<time>`, `<n|max>`, `[[host:]port]`; whatever takes no number is text. */
function nounOf({ flags }: Option): string {
  const [, placeholder = ''] = /[<[](.*)[>\]]/.exec(flags) ?? [];
  return NUMBERS.find((one) => placeholder.split(/\W+/).includes(one)) ?? 'text';
}

/** No shell reads it, so that nothing is split that a shell would have kept together. */
function commandWords(value: unknown, refuse: (problem: string) => never): string[] {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? split(value) : null;
  if (list?.every((word) => typeof word === 'string') && list[0]) return list;
  return refuse(`${show(value)} is no command; ${AS_LIST}`);

  function split(text: string): string[] {
    const [special] = /["'`\\$&|;<>]/.exec(text) ?? [];
    if (special !== undefined) {
      refuse(`${show(text)} has ${special} in it, and no shell reads it; ${AS_LIST}`);
    }
    return text.split(/\s+/).filter(Boolean);
  }
}

function show(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80 });
}
