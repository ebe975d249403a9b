// The keys of `dev`: bytes of a terminal in, commands out. Pure.
//
// `r` reloads at once, and people used to nodemon type `rs` and Enter: that is one reload and nothing else. So an `s`
// right behind an `r` is held for a moment, and given up if Enter follows.
import { createSequences } from './sequences.js';

export type Command =
  | 'reload'
  | 'status'
  | 'clear'
  | 'help'
  | 'quit'
  | 'quit now'
  | 'suspend'
  | 'empty line';

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['r', 'reload'],
  ['s', 'status'],
  ['c', 'clear'],
  ['\x0c', 'clear'],
  ['h', 'help'],
  ['?', 'help'],
  ['q', 'quit'],
  // Ctrl-C and Ctrl-D; Ctrl-\; Ctrl-Z.
  ['\x03', 'quit'],
  ['\x04', 'quit'],
  ['\x1c', 'quit now'],
  ['\x1a', 'suspend'],
  ['\r', 'empty line'],
  ['\n', 'empty line'],
]);

/** How long an `s` behind an `r` is held, in milliseconds. */
const HELD_MS = 200;
/** An `s` that comes later than this has nothing to do with the `r`. */
const TOGETHER_MS = 1000;

export interface Keys {
  /** What `bytes` that came at `now` ask for, in order; what is no key asks for nothing. */
  read(bytes: Uint8Array, now: number): Command[];
  /** When to call `read` again though nothing came; null for never. */
  due(): number | null;
}

export function createKeys(): Keys {
  const isSequence = createSequences();
  let last = '';
  let lastAt = 0;
  let heldUntil: number | null = null;

  function press(char: string, now: number): Command[] {
    const command = COMMANDS.get(char);
    if (!command) return [];
    const [before, together] = [last, now - lastAt <= TOGETHER_MS];
    last = char;
    lastAt = now;
    if (heldUntil !== null) {
      heldUntil = null;
      return command === 'empty line' ? [] : ['status', command];
    }
    if (char === 's' && before === 'r' && together) {
      heldUntil = now + HELD_MS;
      return [];
    }
    // Both of one line end.
    if (char === '\n' && before === '\r' && together) return [];
    return [command];
  }

  return {
    due: () => heldUntil,
    read(bytes, now) {
      const commands: Command[] = [];
      if (heldUntil !== null && now >= heldUntil) {
        heldUntil = null;
        commands.push('status');
      }
      for (const byte of bytes) {
        const char = String.fromCharCode(byte);
        if (!isSequence(char, now)) commands.push(...press(char, now));
      }
      return commands;
    },
  };
}
