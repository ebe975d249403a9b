// Turns the errors of commander, and mistyped commands, into one line with a hint.
import type { Command, CommanderError } from 'commander';
import { EXIT, StartError, UsageError } from '../errors.js';
import { nearest } from '../text/suggest.js';
import { findCommand, searchPath } from '../workers/find-command.js';

/** For `exitOverride` of commander; `hint` is the command line that shows the help. */
export function throwUsageError(hint: string): (error: CommanderError) => never {
  return (error) => {
    if (error.exitCode === EXIT.ok) throw error;
    if (error.code === 'commander.help') throw new UsageError('there is no such command', hint);
    // Commander puts its suggestion on a line of its own.
    const message = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    throw new UsageError(message, hint);
  };
}

/**
 * Throws StartError if the command, written without `--`, is not a program but nearly one of our commands: a master for
 * `relod` would only report that the control socket is in use.
 */
export function assertNotMistyped(
  [word = '', next = '-']: readonly string[],
  program: Command,
  env: NodeJS.ProcessEnv,
): void {
  if (word.includes('/') || !next.startsWith('-')) return;
  const commands = program.commands.map((command) => command.name());
  const meant = nearest(word, commands);
  if (meant === null || 'file' in findCommand(word, searchPath(env), process.cwd())) return;
  throw new StartError(`command not found: ${word}`, `did you mean \`graceful-run ${meant}\`?`, {
    exitCode: EXIT.notFound,
  });
}
