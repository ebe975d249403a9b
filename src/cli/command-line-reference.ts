// The tables of docs/command-line.md, made from the option table and from what commander knows of the other commands.
import type { Command } from 'commander';
import { flagsOf } from './help.js';
import { OPTION_ENTRIES, variableOf } from './option-table.js';
import { defaultOf } from './option-types.js';
import { buildProgram } from './parse-command-line.js';

const COLUMNS = ['option', 'default', 'in `dev`', 'variable', 'config key', 'meaning'];

/** Markdown: one table with the options of a run, and one for each other command under its own heading. */
export function commandLineReference(): string {
  const rows = OPTION_ENTRIES.map(([key, row]) => {
    const [run, dev] = [defaultOf(row, 'run'), defaultOf(row, 'dev')];
    return [
      code(flagsOf(key, row)),
      shown(run),
      dev === run ? '' : shown(dev),
      code(variableOf(key)),
      key === 'config' ? '' : code(key),
      escapeCell(row.help),
    ];
  });
  const program = buildProgram('', () => {});
  const others = program.commands.filter((command) => command.name() !== 'dev');
  return [table(COLUMNS, rows), ...others.map(commandSection)].join('\n\n');
}

function commandSection(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const text = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${text}>` : `[${text}]`;
  });
  const heading = `### graceful-run ${[command.name(), ...args].join(' ')}`;
  const rows = command.options
    .filter((option) => !option.hidden)
    .map(({ flags, description }) => [code(flags), escapeCell(description)]);
  return `${heading}\n\n${sentence(command.description())}\n\n${table(['option', 'meaning'], rows)}`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, columns.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const shown = (value: string | true | undefined) =>
  typeof value === 'string' ? code(value) : value ? 'on' : '';
const code = (text: string) => `\`${escapeCell(text)}\``;
/** A `|` would end the cell, also within code. */
const escapeCell = (text: string) => text.replaceAll('|', '\\|');
const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
