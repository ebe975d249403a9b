// The options of a run for commander, and the texts that --help adds to them.
import { Option } from 'commander';
import { SIGNALS } from '../master/signals.js';
import {
  flagOf,
  OPTION_ENTRIES,
  type OptionKey,
  type OptionRow,
  variableOf,
} from './option-table.js';
import { defaultOf, type Section } from './option-types.js';

export const TIMES = 'Times: 500ms, 30s, 5m; a bare number is seconds';

/**
 * All options of a run. Defaults and variables are only shown in their descriptions: commander returns what is on the
 * command line, and option-sources.ts adds the rest.
 */
export function runOptions(section: Section): Option[] {
  return OPTION_ENTRIES.map(([key, row]) => {
    const option = new Option(flagsOf(key, row), describe(key, row, section));
    const collect = (value: string, before: string[] = []) => [...before, value];
    return row.type === 'list' ? option.argParser(collect) : option;
  });
}

/** `-w, --workers <n|max>`. */
export function flagsOf(key: OptionKey, { short, placeholder }: OptionRow): string {
  const flags = short === undefined ? flagOf(key) : `${short}, ${flagOf(key)}`;
  return placeholder === undefined ? flags : `${flags} ${placeholder}`;
}

function describe(key: OptionKey, row: OptionRow, section: Section): string {
  const value = defaultOf(row, section);
  const shown = typeof value === 'string' ? [`default: ${JSON.stringify(value)}`] : [];
  return `${row.help} (${[...shown, `env: ${variableOf(key)}`].join(', ')})`;
}

/** What `graceful-run --help` prints after the options. */
export function afterHelp(): string {
  const signals = SIGNALS.map(({ signals: names, meaning }) => {
    const list = names.map((name) => name.slice('SIG'.length)).join(', ');
    return `  ${list.padEnd(20)} ${meaning}`;
  });
  return `
${TIMES}. Each option may also come from
the environment: --drain-timeout from GRACEFUL_RUN_DRAIN_TIMEOUT, and so on; or,
as drainTimeout, from a config file.

Signals:
${signals.join('\n')}

Exit status: 0 stopped as asked, 1 the first workers failed, 2 usage,
126 command not executable, 127 command not found.

Examples:
  graceful-run -- node app.js
  graceful-run dev -- node app.js
  graceful-run --listen :8080 --workers 4 -- node app.js
  graceful-run --listen web=unix:/run/app.sock --ready fd -- ./server
  graceful-run reload
  graceful-run unit --install --user www -- node app.js`;
}
