// What is wrong with a command line as a whole, in one line that says where help is.
import type { Command, CommanderError } from 'commander';
import { EXIT, StartError, UsageError } from '../errors.js';
import { nearest } from '../text/suggest.js';
import { findCommand, searchPath } from '../workers/find-command.js';

/** For `exitOverride`: `help` is the line that shows the help of that command. */
export function refuse(help: string): (error: CommanderError) => never {
  return (error) => {
    if (error.exitCode === EXIT.ok) throw error;
    if (error.code === 'commander.help') throw new UsageError('there is no such command', help);
    // Commander puts its suggestion on a line of its own.
    const message = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    throw new UsageError(message, help);
  };
}

/**
 * Of the words that stand without `--`. A master for `relod` would find the control socket in use, and say nothing of
 * the mistake. Throws StartError where the word is no program, but nearly one of our commands.
 */
export function assertNotMistyped([word = '', next = '-']: readonly string[], program: Command) {
  if (word.includes('/') || !next.startsWith('-')) return;
  const meant = nearest(
    word,
    program.commands.map((one) => one.name()),
  );
  if (meant === null || 'file' in findCommand(word, searchPath(process.env), process.cwd())) return;
  throw new StartError(`command not found: ${word}`, `did you mean \`graceful-run ${meant}\`?`, {
    exitCode: EXIT.notFound,
  });
}
