// Checks the content of a config file against the option table. Pure.
import { inspect } from 'node:util';
import { UsageError } from '../../errors.js';
import { nearest } from '../../text/suggest.js';
import { OPTION_ENTRIES, type OptionRow } from '../option-table.js';
import { type GivenOptions, objectOf, type Section } from '../option-types.js';

const AS_LIST = 'write a list: ["node", "app.js"]';

/** By key; the file cannot say which file is to be read. */
const ROWS = new Map<string, OptionRow>(OPTION_ENTRIES.filter(([key]) => key !== 'config'));

/**
 * Checks the whole of `content`, and returns what it sets for this section. Throws UsageError for the first key that
 * does not exist or has a value of the wrong type.
 */
export function configValues(content: unknown, label: string, section: Section): GivenOptions {
  const { dev = {}, ...run } = optionsOf(content, label);
  const forRun = sectionValues(run, label, '');
  const forDev = sectionValues(optionsOf(dev, `${label}: dev`), label, 'dev.');
  if (section === 'run') return objectOf(forRun);
  // What the file sets for a run does not change an option that has its own default in `dev`.
  const inherited = forRun.filter(([key]) => ROWS.get(key)?.devDefault === undefined);
  return objectOf([...inherited, ...forDev]);
}

function optionsOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${where}: ${show(value)} is not an object with options`);
}

/** The entries, with values as the command line would give them. */
function sectionValues(
  options: Readonly<Record<string, unknown>>,
  label: string,
  prefix: '' | 'dev.',
): [key: string, value: unknown][] {
  return Object.entries(options).flatMap(([key, value]): [string, unknown][] => {
    const row = ROWS.get(key);
    if (!row && key !== 'command') throw unknownKey(key, label, prefix);
    // As in `listen: process.env.SOCKET` when the variable is not set.
    if (value === undefined) return [];
    const where = `${label}: ${prefix}${key}`;
    return [[key, row ? optionValue(row, value, where) : commandWords(value, where)]];
  });
}

function unknownKey(key: string, label: string, prefix: '' | 'dev.'): UsageError {
  const keys = ['command', ...ROWS.keys(), ...(prefix === '' ? ['dev'] : [])];
  const meant = nearest(key, keys);
  const advice = meant ? `did you mean ${prefix}${meant}?` : `there are ${keys.join(', ')}`;
  return new UsageError(`${label}: unknown key '${prefix}${key}'; ${advice}`);
}

/** Undefined for a switch that is off. */
function optionValue({ type }: OptionRow, value: unknown, where: string) {
  const takesTrue = type === 'switch' || type === 'paths';
  if (takesTrue && typeof value === 'boolean') return value || undefined;
  if (type === 'switch') throw new UsageError(`${where}: ${show(value)} is not true or false`);
  const takesNumber = type === 'number' || type === 'time';
  const items = type === 'list' || type === 'paths' ? [value].flat() : [value];
  if (type === 'paths' && items.length === 0) {
    throw new UsageError(`${where}: [] names no path; true watches what is loaded`);
  }
  const texts = items.map((item) => {
    if (typeof item === 'string' || (takesNumber && typeof item === 'number')) return String(item);
    throw new UsageError(
      `${where}: ${show(item)} is not a string${takesNumber ? ' or a number' : ''}`,
    );
  });
  return type === 'list' || type === 'paths' ? texts : texts[0];
}

/** No shell is involved, so a command with characters that a shell would interpret must be a list. */
function commandWords(value: unknown, where: string): string[] {
  const [special] = (typeof value === 'string' && /["'`\\$&|;<>]/.exec(value)) || [];
  if (special !== undefined) {
    const problem = `contains ${special}, but no shell interprets it`;
    throw new UsageError(`${where}: ${show(value)} ${problem}; ${AS_LIST}`);
  }
  const list = typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : value;
  const isCommand = Array.isArray(list) && list.every((word) => typeof word === 'string');
  if (isCommand && list[0]) return list;
  throw new UsageError(`${where}: ${show(value)} is not a command; ${AS_LIST}`);
}

function show(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80 });
}
