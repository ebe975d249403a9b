// The commands of `dev` as its banner and its help show them; `terminal.ts` carries them out.

export const COMMANDS_LINE = 'r + enter reload, s status, c clear, h help, q quit';

export const COMMANDS_HELP = `\
  press r + enter to reload; the old generation serves until the new one does
  press s + enter to show workers, addresses and the last reload
  press c + enter to clear the screen and what has scrolled out of it
  press h + enter to show this help
  press q + enter to quit when the workers have finished; again to quit at once`;
