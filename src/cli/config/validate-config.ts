// Checks the content of a config file against the option table. Pure.
import { inspect } from 'node:util';
import { UsageError } from '../../errors.js';
import { nearest } from '../../text/suggest.js';
import { OPTION_ENTRIES, type OptionRow } from '../option-table.js';
import { type GivenOptions, objectOf, type Section } from '../option-types.js';

export interface ConfigValues {
  readonly values: GivenOptions;
  /** The command; empty if the file does not name it. */
  readonly words: readonly string[];
}

type Refuse = (problem: string) => never;

const AS_LIST = 'write a list: ["node", "app.js"]';

/** By key; the file cannot say which file is to be read. */
const ROWS = new Map<string, OptionRow>(OPTION_ENTRIES.filter(([key]) => key !== 'config'));

/**
 * Checks the whole of `content`, and returns what it sets for this section. Throws UsageError for the first key that
 * does not exist or has a value of the wrong type.
 */
export function configValues(content: unknown, label: string, section: Section): ConfigValues {
  const { dev = {}, ...run } = optionsOf(content, label);
  const forRun = sectionValues(run, label, '');
  const forDev = sectionValues(optionsOf(dev, `${label}: dev`), label, 'dev.');
  if (section === 'run') return forRun;
  // What the file sets for a run does not change an option that has its own default in `dev`.
  const inherited = Object.entries(forRun.values).filter(
    ([key]) => ROWS.get(key)?.devDefault === undefined,
  );
  return {
    values: { ...Object.fromEntries(inherited), ...forDev.values },
    words: forDev.words.length > 0 ? forDev.words : forRun.words,
  };
}

function optionsOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${where}: ${show(value)} is not an object with options`);
}

function sectionValues(
  options: Readonly<Record<string, unknown>>,
  label: string,
  prefix: '' | 'dev.',
): ConfigValues {
  const values: [string, true | string | string[] | undefined][] = [];
  let words: string[] = [];
  for (const [key, value] of Object.entries(options)) {
    const row = ROWS.get(key);
    if (!row && key !== 'command') throw unknownKey(key, label, prefix);
    // As in `listen: process.env.SOCKET` when the variable is not set.
    if (value === undefined) continue;
    const refuse = (problem: string): never => {
      throw new UsageError(`${label}: ${prefix}${key}: ${problem}`);
    };
    if (row) values.push([key, optionValue(row, value, refuse)]);
    else words = commandWords(value, refuse);
  }
  return { values: objectOf<GivenOptions>(values), words };
}

function unknownKey(key: string, label: string, prefix: '' | 'dev.'): UsageError {
  const keys = ['command', ...ROWS.keys(), ...(prefix === '' ? ['dev'] : [])];
  const meant = nearest(key, keys);
  const advice = meant ? `did you mean ${prefix}${meant}?` : `there are ${keys.join(', ')}`;
  return new UsageError(`${label}: unknown key '${prefix}${key}'; ${advice}`);
}

/** The value as the command line would give it; undefined for a switch that is off. */
function optionValue({ type }: OptionRow, value: unknown, refuse: Refuse) {
  const takesTrue = type === 'switch' || type === 'paths';
  if (takesTrue && typeof value === 'boolean') return value || undefined;
  if (type === 'switch') return refuse(`${show(value)} is not true or false`);
  const isText = ['text', 'list', 'paths'].includes(type);
  const textOf = (item: unknown): string => {
    if (typeof item === 'string') return item;
    if (typeof item === 'number' && !isText) return String(item);
    return refuse(`${show(item)} is not a ${isText ? 'string' : type}`);
  };
  if (type !== 'list' && type !== 'paths') return textOf(value);
  const items = [value].flat();
  if (type === 'paths' && items.length === 0) {
    return refuse('[] names no path; true watches what is loaded');
  }
  return items.map(textOf);
}

/** No shell is involved, so a command with characters that a shell would interpret must be a list. */
function commandWords(value: unknown, refuse: Refuse): string[] {
  const list = typeof value === 'string' ? splitCommand(value, refuse) : value;
  const isCommand = Array.isArray(list) && list.every((word) => typeof word === 'string');
  return isCommand && list[0] ? list : refuse(`${show(value)} is not a command; ${AS_LIST}`);
}

function splitCommand(text: string, refuse: Refuse): string[] {
  const [special] = /["'`\\$&|;<>]/.exec(text) ?? [];
  if (special === undefined) return text.split(/\s+/).filter(Boolean);
  return refuse(`${show(text)} contains ${special}, but no shell interprets it; ${AS_LIST}`);
}

function show(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80 });
}
