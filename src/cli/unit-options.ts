// `graceful-run unit`: every option of the run, and its own.
import { type Command, Option } from 'commander';
import type { GivenOption } from '../systemd-unit/unit-input.js';
import { runOptions } from './help.js';
import { type GatheredOptions, gatherOptions } from './option-sources.js';
import { flagOf, OPTION_ENTRIES } from './option-table.js';
import type { GivenOptions } from './option-types.js';
import { throwUsageError } from './usage-errors.js';

export interface UnitFlags {
  readonly socket?: boolean;
  readonly user?: string;
  readonly group?: string;
  readonly dynamicUser?: boolean;
  readonly install?: boolean;
  readonly force?: boolean;
  readonly directory?: string;
}

export interface UnitInvocation extends Omit<GatheredOptions, 'given'> {
  readonly kind: 'unit';
  /** The options of the run that are given by a flag or a variable. */
  readonly given: readonly GivenOption[];
  readonly flags: UnitFlags;
  /** The command; empty if it is left to the config file. */
  readonly words: readonly string[];
}

/** `--name` and `--cwd` are always written, with their resolved values. */
const WRITTEN_ANYWAY = ['name', 'cwd'];

/** Declares the command, with all options of a run. */
export function addUnitCommand(
  program: Command,
  env: NodeJS.ProcessEnv,
  found: (invocation: UnitInvocation) => void,
): void {
  const command = program
    .command('unit')
    .description('print a systemd unit for a command, with the reason for each line')
    .usage('[options of the run] [options] -- <command> [args...]')
    .argument('[command...]', 'what the service runs; everything after -- belongs to it')
    .passThroughOptions()
    .exitOverride(throwUsageError('graceful-run unit --help'))
    .configureOutput({ writeErr: () => {} })
    .addHelpText(
      'after',
      '\nAll options of a run may be given too: they are passed on to the service.',
    );
  for (const option of ownOptions()) command.addOption(option);
  for (const option of runOptions('run')) command.addOption(option.hideHelp());
  command.action(async (words: string[]) => {
    const gathered = await gatherOptions({ ...program.opts(), ...command.opts() }, 'run', env);
    const given = givenOptions(gathered.given);
    found({ kind: 'unit', ...gathered, given, flags: command.opts(), words });
  });
}

function ownOptions(): Option[] {
  return [
    new Option('--socket', 'let systemd open the sockets: a socket unit for each --listen'),
    new Option('--user <name>', 'user who runs the service (default: you)'),
    new Option('--group <name>', 'group of the service (default: that of the user)'),
    new Option('--dynamic-user', 'run as a user that exists only while the service runs').conflicts(
      ['user', 'group'],
    ),
    new Option('--install', 'write the files, and print what to run next'),
    new Option('--force', 'with --install: overwrite files that differ'),
    new Option(
      '--directory <path>',
      'with --install: directory for the files (default: /etc/systemd/system)',
    ),
  ];
}

function givenOptions(given: GivenOptions): GivenOption[] {
  return OPTION_ENTRIES.flatMap(([key]): GivenOption[] => {
    const value = given[key];
    if (value === undefined || WRITTEN_ANYWAY.includes(key)) return [];
    return [value]
      .flat()
      .map((item) => ({ flag: flagOf(key), value: typeof item === 'string' ? item : null }));
  });
}
