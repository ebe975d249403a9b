// Checks the content of a config file against the option table. Pure.
import { inspect } from 'node:util';
import { UsageError } from '../../errors.js';
import { nearest } from '../../text/suggest.js';
import {
  OPTION_ENTRIES,
  type OptionKey,
  type OptionRow,
  type OptionType,
} from '../option-table.js';
import type { GivenOptions, Section } from '../option-types.js';

export interface ConfigValues {
  readonly values: GivenOptions;
  /** The command; empty if the file does not name it. */
  readonly words: readonly string[];
}

/** The object of the file that is being checked, for messages. */
interface ConfigLocation {
  readonly label: string;
  readonly prefix: string;
}

type Refuse = (problem: string) => never;

/** What a value of the wrong type is not. */
const WANTED: Readonly<Record<OptionType, string>> = {
  switch: 'true or false',
  list: 'a string',
  paths: 'a string',
  text: 'a string',
  number: 'a number',
  time: 'a time',
  signal: 'a signal',
  port: 'a port',
};

const AS_LIST = 'write a list: ["node", "app.js"]';

/** By key; the file cannot say which file is to be read. */
const ROWS = new Map<string, OptionRow>(OPTION_ENTRIES.filter(([key]) => key !== 'config'));

/** The options for which `dev` has its own default: what the file sets for a run does not change it. */
const SET_BY_DEV_ONLY: readonly OptionKey[] = OPTION_ENTRIES.filter(
  ([, row]) => row.devDefault !== undefined,
).map(([key]) => key);

/**
 * Checks the whole of `content`, and returns what it sets for this section. Throws UsageError for the first key that
 * does not exist or has a value of the wrong type.
 */
export function configValues(content: unknown, label: string, section: Section): ConfigValues {
  const { dev = {}, ...run } = objectOf(content, `${label}: `);
  const forRun = sectionValues(run, { label, prefix: '' }, ['dev']);
  const forDev = sectionValues(objectOf(dev, `${label}: dev: `), { label, prefix: 'dev.' }, []);
  if (section === 'run') return forRun;
  const inherited = Object.entries(forRun.values).filter(
    ([key]) => !SET_BY_DEV_ONLY.some((own) => own === key),
  );
  return {
    values: { ...Object.fromEntries(inherited), ...forDev.values },
    words: forDev.words.length > 0 ? forDev.words : forRun.words,
  };
}

function objectOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${where}${show(value)} is not an object with options`);
}

function sectionValues(
  object: Readonly<Record<string, unknown>>,
  location: ConfigLocation,
  otherKeys: readonly string[],
): ConfigValues {
  const values: Record<string, true | string | string[] | undefined> = {};
  let words: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    const row = ROWS.get(key);
    if (!row && key !== 'command') {
      refuseKey(key, location, ['command', ...ROWS.keys(), ...otherKeys]);
    }
    // As in `listen: process.env.SOCKET` when the variable is not set.
    if (value === undefined) continue;
    const refuse = (problem: string): never => {
      throw new UsageError(`${location.label}: ${location.prefix}${key}: ${problem}`);
    };
    if (row) values[key] = optionValue(row, value, refuse);
    else words = commandWords(value, refuse);
  }
  // Each value has just been checked against its row.
  return { values: values as GivenOptions, words };
}

function refuseKey(key: string, { label, prefix }: ConfigLocation, keys: readonly string[]): never {
  const meant = nearest(key, keys);
  const advice = meant ? `did you mean ${prefix}${meant}?` : `there are ${keys.join(', ')}`;
  throw new UsageError(`${label}: unknown key '${prefix}${key}'; ${advice}`);
}

/** The value as the command line would give it; undefined for a switch that is off. */
function optionValue({ type }: OptionRow, value: unknown, refuse: Refuse) {
  const text = (item: unknown): string => {
    if (typeof item === 'string') return item;
    const mayBeNumber = !['text', 'list', 'paths'].includes(type);
    return typeof item === 'number' && mayBeNumber
      ? String(item)
      : refuse(`${show(item)} is not ${WANTED[type]}`);
  };
  if (typeof value === 'boolean' && (type === 'switch' || type === 'paths')) {
    return value || undefined;
  }
  if (type === 'switch') return refuse(`${show(value)} is not ${WANTED[type]}`);
  if (type === 'list' || type === 'paths') {
    const items = Array.isArray(value) ? value : [value];
    if (type === 'paths' && items.length === 0) {
      return refuse('[] names no path; true watches what is loaded');
    }
    return items.map(text);
  }
  return text(value);
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
