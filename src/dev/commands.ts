// The commands of `dev`: a line that is typed at the terminal in, a command out. Pure.

export type DevCommand = 'reload' | 'status' | 'clear' | 'help' | 'quit';

/** `rs` is what users of nodemon type. */
const COMMANDS: ReadonlyMap<string, DevCommand> = new Map([
  ['r', 'reload'],
  ['rs', 'reload'],
  ['s', 'status'],
  ['c', 'clear'],
  ['h', 'help'],
  ['?', 'help'],
  ['q', 'quit'],
]);

export const COMMANDS_LINE = 'r + enter reload, s status, c clear, h help, q quit';

export const COMMANDS_HELP = `\
  press r + enter to reload; the old generation serves until the new one does
  press s + enter to show workers, addresses and the last reload
  press c + enter to clear the screen and what has scrolled out of it
  press h + enter to show this help
  press q + enter to quit when the workers have finished; again to quit at once`;

/** Null for a line that is empty. */
export function parseCommand(line: string): DevCommand | 'unknown' | null {
  const word = line.trim();
  return word === '' ? null : (COMMANDS.get(word) ?? 'unknown');
}
