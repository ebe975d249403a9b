// Options whose value is given with `=` only. Commander would take the next word for it, which is the command.
import type { Option } from 'commander';
import { UsageError } from '../errors.js';
import { parseInspect } from './parse-values.js';

/** `9230`, `127.0.0.1:9230`, and a host without a port: none of them is a command. */
const ADDRESS = /^((\S+:)?\d+|(\d+\.){3}\d+|localhost|\[[\da-f:.]+\]|[\da-f]*:[\da-f:.]*)$/i;

/**
 * Gives those in front of the command that have no value an empty one: `--inspect node app.js` becomes
 * `--inspect= node app.js`. `commands` are words behind which further options may follow. Throws UsageError for an
 * address behind one, which can be no command.
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
    if (option?.optional && !option.variadic) {
      const [next = ''] = glued.slice(at + 1);
      if (ADDRESS.test(next)) {
        const better = `write ${word}=${usable(next)}`;
        throw new UsageError(`${word} takes its value from behind a '='`, better);
      }
      glued[at] = `${word}=`;
    }
    if (option?.required) at += 1;
    if (option?.variadic) while (glued[at + 1]?.startsWith('-') === false) at += 1;
  }
  return glued;
}

/** As it is, or with what is missing; what is no address at all is only an example. */
function usable(address: string): string {
  const hosts = /^\d+$/.test(address) ? [] : [address, `[${address}]`];
  const candidates = [address, ...hosts.map((host) => `${host}:9229`)];
  return candidates.find(isAddress) ?? '9229';
}

function isAddress(text: string): boolean {
  try {
    return parseInspect(text) !== null;
  } catch {
    return false;
  }
}
