// Options whose value is given with `=` only. Commander would take the next word for it, which is the command.
import type { Option } from 'commander';

/**
 * Gives those in front of the command that have no value an empty one: `--inspect node app.js` becomes
 * `--inspect= node app.js`. `commands` are words behind which further options may follow.
 */
export function glueValues(
  words: readonly string[],
  options: readonly Option[],
  commands: readonly string[],
): string[] {
  const glued = [...words];
  for (let at = 0; at < glued.length; at += 1) {
    const word = glued[at] ?? '';
    if (commands.includes(word)) continue;
    if (!word.startsWith('-')) break;
    const option = options.find(({ long, short }) => word === long || word === short);
    if (option?.optional && !option.variadic) glued[at] = `${word}=`;
    if (option?.required) at += 1;
    if (option?.variadic) while (glued[at + 1]?.startsWith('-') === false) at += 1;
  }
  return glued;
}
