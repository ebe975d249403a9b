// Turns the errors of commander, and mistyped commands, into one line with a hint.
import type { Command, CommanderError } from 'commander';
import { EXIT, StartError, UsageError } from '../errors.js';
import { nearest } from '../text/suggest.js';
import { findCommand, searchPath } from '../workers/find-command.js';

/** The error with the command line that shows the help of the command it is about. */
export function usageErrorOf(error: CommanderError, program: Command): UsageError {
  const [first = '', second = ''] = program.args;
  const own = commandNames(program).includes(first) ? `graceful-run ${first}` : 'graceful-run';
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
export function assertNotMistyped(program: Command, env: NodeJS.ProcessEnv): void {
  const [word = '', next = '-'] = program.args;
  if (word.includes('/') || !next.startsWith('-')) return;
  const meant = nearest(word, commandNames(program));
  if (meant === null || 'file' in findCommand(word, searchPath(env), process.cwd())) return;
  throw new StartError(`command not found: ${word}`, `did you mean \`graceful-run ${meant}\`?`, {
    exitCode: EXIT.notFound,
  });
}

function commandNames(program: Command): string[] {
  return program.commands.map((command) => command.name());
}
