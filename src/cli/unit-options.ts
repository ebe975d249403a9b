// `graceful-run unit`: every option of the run, and its own.
import { type Command, Option } from 'commander';
import type { GivenOption } from '../systemd-unit/unit-input.js';
import { type LoadedConfig, loadConfig } from './config/apply-config.js';
import { type Origins, originsOf } from './option-sources.js';
import type { RawOptions } from './resolve-options.js';
import { refuse } from './usage-errors.js';

export interface UnitFlags {
  readonly socket?: boolean;
  readonly systemdVersion?: string;
  readonly user?: string;
  readonly group?: string;
  readonly dynamicUser?: boolean;
  readonly install?: boolean;
  readonly force?: boolean;
  readonly directory?: string;
}

export interface UnitInvocation {
  readonly kind: 'unit';
  readonly raw: RawOptions;
  /** Options of the run that were given, by flag or variable. */
  readonly given: readonly GivenOption[];
  readonly flags: UnitFlags;
  readonly config: LoadedConfig | null;
  readonly origins: Origins;
  /** None when they are left to the config file. */
  readonly words: readonly string[];
}

/** `--name` and `--cwd` have an own place in a unit. */
const WRITTEN_ANYWAY = ['name', 'cwd'];

/** Declares the command; `runOptions` are those of the program, `rawOf` reads them. */
export function addUnitCommand(
  program: Command,
  runOptions: readonly Option[],
  rawOf: (command: Command) => RawOptions,
  found: (invocation: UnitInvocation) => void,
): void {
  const command = program
    .command('unit')
    .description('print a systemd unit for a command, with the reason for each line')
    .usage('[options of the run] [options] -- <command> [args...]')
    .argument('[command...]', 'what the service runs; everything after -- belongs to it')
    .passThroughOptions()
    .exitOverride(refuse('graceful-run unit --help'))
    .configureOutput({ writeErr: () => {} })
    .addHelpText(
      'after',
      '\nAll options of graceful-run itself may be given too: the service gets them.',
    );
  for (const option of ownOptions()) command.addOption(option);
  for (const option of runOptions) command.addOption(option.hideHelp());
  command.action(async (words: string[]) => {
    takeFromProgram(command, program, runOptions);
    const config = await loadConfig(command, 'run');
    const raw = rawOf(command);
    found({
      kind: 'unit',
      raw,
      given: givenOf(command, raw, runOptions),
      flags: command.opts(),
      config,
      origins: originsOf(command, config),
      words,
    });
  });
}

function ownOptions(): Option[] {
  return [
    new Option('--socket', 'let systemd open the sockets: a socket unit for each --listen'),
    new Option('--systemd-version <n>', 'the systemd to write for (default: the one that is here)'),
    new Option('--user <name>', 'who runs the service (default: you)'),
    new Option('--group <name>', 'its group (default: that of the user)'),
    new Option('--dynamic-user', 'a user that exists only while the service runs').conflicts([
      'user',
      'group',
    ]),
    new Option('--install', 'write the files, and say what to run next'),
    new Option('--force', 'with --install: overwrite files that differ'),
    new Option('--directory <path>', 'with --install: where to (default: /etc/systemd/system)'),
  ];
}

/** `graceful-run -w 4 unit -- x` means the same as `graceful-run unit -w 4 -- x`, which wins. */
export function takeFromProgram(
  command: Command,
  program: Command,
  options: readonly Option[],
): void {
  for (const attribute of options.map((option) => option.attributeName())) {
    if (program.getOptionValueSource(attribute) !== 'cli') continue;
    if (command.getOptionValueSource(attribute) === 'cli') continue;
    command.setOptionValueWithSource(attribute, program.getOptionValue(attribute), 'cli');
  }
}

function givenOf(command: Command, raw: RawOptions, options: readonly Option[]): GivenOption[] {
  const values = raw as unknown as Readonly<Record<string, string | boolean | readonly string[]>>;
  return options.flatMap((option): GivenOption[] => {
    const attribute = option.attributeName();
    const source = command.getOptionValueSource(attribute) ?? 'default';
    if (!['cli', 'env'].includes(source) || WRITTEN_ANYWAY.includes(attribute)) return [];
    const flag = option.long ?? '';
    const value = values[attribute];
    // One that is taken from behind a `=` only, or left out.
    if (option.optional && !option.variadic && value !== undefined)
      return [{ flag: value ? `${flag}=${value}` : flag, value: null }];
    return [value ?? []]
      .flat()
      .map((one) => ({ flag, value: typeof one === 'string' ? one : null }));
  });
}
