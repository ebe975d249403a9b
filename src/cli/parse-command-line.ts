// Parses the command line with commander: which command it is, with which options.
import { Command, CommanderError, Option } from 'commander';
import { COMMANDS_LINE } from '../dev/commands-help.js';
import { EXIT, StartError, UsageError } from '../errors.js';
import { nearest } from '../text/suggest.js';
import { findCommand, searchPath } from '../workers/find-command.js';
import { afterHelp, runOptions, TIMES } from './help.js';
import { combineSources, type GatheredOptions, readSources } from './option-sources.js';
import type { GivenOptions, Section } from './option-types.js';
import { write } from './stdio.js';

export interface RunInvocation extends GatheredOptions {
  readonly kind: 'run';
}

export interface UnitInvocation extends GatheredOptions {
  readonly kind: 'unit';
  readonly flags: UnitFlags;
}

export interface UnitFlags {
  readonly socket?: boolean;
  readonly user?: string;
  readonly group?: string;
  readonly dynamicUser?: boolean;
  readonly install?: boolean;
  readonly directory?: string;
}

export interface ClientInvocation {
  readonly kind: 'client';
  readonly command: (typeof CLIENT_COMMANDS)[number];
  readonly options: ClientOptions;
  readonly size: string | undefined;
}

/** Of the options of a run, those that say which instance is meant count. */
export interface ClientOptions extends GivenOptions {
  readonly json?: boolean;
  readonly wait?: boolean;
  readonly now?: boolean;
}

export type Invocation =
  | RunInvocation
  | UnitInvocation
  | ClientInvocation
  /** The help or the version was printed. */
  | { readonly kind: 'done' };

const CLIENT_COMMANDS = ['reload', 'status', 'stop', 'scale'] as const;

/** Parses `argv` (without node and script), and reads the config file. Throws UsageError and StartError. */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
  env: NodeJS.ProcessEnv,
): Promise<Invocation> {
  // Commander would look for subcommands after `--` too, but everything there belongs to the command.
  const end = argv.indexOf('--');
  const called = calledCommand(end === -1 ? argv : argv.slice(0, end), version, env);
  if (called === null) return { kind: 'done' };
  const name = called.name();
  // `graceful-run -w 4 dev` means the same as `graceful-run dev -w 4`, which wins.
  const options = { ...called.parent?.opts(), ...called.opts() };
  const tail = end === -1 ? [] : argv.slice(end + 1);
  const client = CLIENT_COMMANDS.find((command) => command === name);
  if (client) {
    const [size] = called.args;
    if (tail.length === 0) return { kind: 'client', command: client, options, size };
    throw new UsageError(`graceful-run ${name} takes no command after --`);
  }
  // If words precede it, the `--` is an argument of the command.
  const hasTail = end !== -1 && called.args.length > 0;
  const command = [...called.args, ...(hasTail ? ['--'] : []), ...tail];
  const sources = await readSources({ ...options, ...(command.length > 0 && { command }) }, env);
  const gathered = combineSources(sources, name === 'dev' ? 'dev' : 'run');
  if (name === 'unit') return { kind: 'unit', ...gathered, flags: called.opts() };
  return { kind: 'run', ...gathered };
}

/** Null if the help or the version was printed. */
function calledCommand(
  words: readonly string[],
  version: string,
  env: NodeJS.ProcessEnv,
): Command | null {
  let called: Command | null = null;
  const program = buildProgram(version, (command) => {
    called = command;
  });
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== EXIT.ok) throw usageErrorOf(error, program);
  }
  if (called === program) assertNotMistyped(program, env);
  return called;
}

/** In one line, with the command line that shows the help of the command it is about. */
function usageErrorOf(error: CommanderError, program: Command): UsageError {
  const [first = '', second = ''] = program.args;
  const own = namesOf(program).includes(first) ? `graceful-run ${first}` : 'graceful-run';
  // Commander puts its suggestion on a line of its own, and has no message for `help` with an unknown command.
  const message =
    error.code === 'commander.help'
      ? `there is no command '${second}'`
      : error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  return new UsageError(message, `${own} --help`);
}

/**
 * Throws StartError if the command, written without `--`, is not a program but nearly one of our commands: a master for
 * `relod` would only report that the control socket is in use.
 */
function assertNotMistyped(program: Command, env: NodeJS.ProcessEnv): void {
  const [word = ''] = program.args;
  const meant = word.includes('/') ? null : nearest(word, namesOf(program));
  if (meant === null || 'file' in findCommand(word, searchPath(env), process.cwd())) return;
  throw new StartError(`command not found: ${word}`, `did you mean \`graceful-run ${meant}\`?`, {
    exitCode: EXIT.notFound,
  });
}

const namesOf = (program: Command) => program.commands.map((command) => command.name());

/** All commands and their options, as commander knows them. */
export function buildProgram(version: string, onCalled: (command: Command) => void): Command {
  const program = new Command('graceful-run')
    .description('Keeps a server reachable while its code is replaced.')
    .usage(
      '[options] -- <command> [args...]\n       graceful-run dev [options] -- <command> [args...]\n       graceful-run reload|status|stop|scale [options]\n       graceful-run unit [options] -- <command> [args...]',
    )
    .version(version, '-V, --version')
    .argument('[command...]', 'what to run; everything after -- belongs to it')
    .helpCommand('help [command]', 'show help')
    .enablePositionalOptions()
    .passThroughOptions()
    .exitOverride()
    // Errors are thrown as UsageError, and not printed here.
    .configureOutput({ writeOut: (text) => write('stdout', text), writeErr: () => {} })
    .addHelpText('after', afterHelp);
  addRunOptions(program, 'run');
  addDevCommand(program.command('dev'));
  addClientCommands(program);
  addUnitCommand(program.command('unit'));
  for (const command of [program, ...program.commands]) command.action(() => onCalled(command));
  return program;
}

function addRunOptions(command: Command, section: Section): void {
  for (const option of runOptions(section)) command.addOption(option);
}

function addDevCommand(command: Command): void {
  command
    .description('run a command while you write its code: reload when a file is saved')
    .usage('[options] -- <command> [args...]')
    .argument('[command...]', 'what to run; everything after -- belongs to it')
    .passThroughOptions()
    .addHelpText('after', `\n${TIMES}.\nCommands at a terminal: ${COMMANDS_LINE}`);
  addRunOptions(command, 'dev');
}

function addUnitCommand(command: Command): void {
  command
    .description('print a systemd unit for a command, with the reason for each line')
    .usage('[options of the run] [options] -- <command> [args...]')
    .argument('[command...]', 'what the service runs; everything after -- belongs to it')
    .passThroughOptions()
    .option('--socket', 'let systemd open the sockets: a socket unit for each --listen')
    .option('--user <name>', 'user who runs the service (default: you)')
    .option('--group <name>', 'group of the service (default: that of the user)')
    .addOption(
      new Option(
        '--dynamic-user',
        'run as a user that exists only while the service runs',
      ).conflicts(['user', 'group']),
    )
    .option('--install', 'write the files, and print what to run next')
    .option(
      '--directory <path>',
      'with --install: directory for the files (default: /etc/systemd/system)',
    )
    .addHelpText(
      'after',
      '\nAll options of a run may be given too: they are passed on to the service.',
    );
  for (const option of runOptions('run')) command.addOption(option.hideHelp());
}

function addClientCommands(program: Command): void {
  const add = (command: ClientInvocation['command'], description: string) =>
    program
      .command(command)
      .description(description)
      .option('--name <name>', 'name of the instance (default: name of the working directory)')
      .option('--control <path>', 'its control socket, if it is not in the usual place')
      .option('--config <path|none>', 'config file that names the instance');
  add('reload', 'replace the workers; exit 0 when the new ones serve, 1 when they failed').option(
    '--no-wait',
    'do not wait for the outcome',
  );
  add('status', 'show workers, sockets and the last reload').option('--json', 'print JSON');
  add('stop', 'stop gracefully, and wait until the master has stopped').option(
    '--now',
    'kill the workers at once',
  );
  add('scale', 'change the number of workers, and wait until they are ready').argument(
    '<n>',
    'workers per generation',
  );
}
