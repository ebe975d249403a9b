// Cuts what a worker writes into lines. Bytes, never text: whatever it is, it comes out as it went in.
import { unfinishedIn } from '../text/sanitize.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const LEAST_ROOM = 256;

export interface Line {
  /** Without its end. Good for the time of the call only. */
  readonly bytes: Buffer;
  /** One that was too long: what came before was handed on already. */
  readonly continued: boolean;
  /** One that was too long: the rest follows. */
  readonly continues: boolean;
}

export interface Lines {
  push(chunk: Buffer): void;
  /** Nothing follows: an incomplete line is one all the same. */
  end(): void;
}

/** A line of more than `longest` bytes comes in pieces, cut between two characters, and in no escape sequence. */
export function createLines(longest: number, take: (line: Line) => void): Lines {
  let held = Buffer.alloc(0);
  let length = 0;
  let continued = false;

  function hold(piece: Buffer): void {
    if (length + piece.length > held.length) {
      const room = Math.max(LEAST_ROOM, 2 * (length + piece.length));
      const grown = Buffer.allocUnsafe(Math.min(longest, room));
      held.copy(grown, 0, 0, length);
      held = grown;
    }
    length += piece.copy(held, length);
  }

  function keep(bytes: Buffer): void {
    let rest = bytes;
    while (length + rest.length > longest) {
      const room = longest - length;
      hold(rest.subarray(0, room));
      rest = rest.subarray(room);
      const piece = held.subarray(0, length);
      const torn = unfinishedIn(piece);
      // One that is longer than a line is no escape sequence.
      const cut = torn > 0 ? torn : wholeCharacters(piece);
      take({ bytes: piece.subarray(0, cut), continued, continues: true });
      held.copyWithin(0, cut, length);
      length -= cut;
      continued = true;
    }
    hold(rest);
  }

  function finish(): void {
    take({ bytes: withoutReturn(held.subarray(0, length)), continued, continues: false });
    held = Buffer.alloc(0);
    length = 0;
    continued = false;
  }

  return {
    push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        const line = chunk.subarray(from, at);
        from = at + 1;
        if (length === 0 && !continued && line.length <= longest) {
          take({ bytes: withoutReturn(line), continued, continues: false });
        } else {
          keep(line);
          finish();
        }
      }
      if (from < chunk.length) keep(chunk.subarray(from));
    },
    end() {
      if (length > 0 || continued) finish();
    },
  };
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
}

/** How many bytes are left without a character of UTF-8 at the end that is not all there. */
function wholeCharacters(bytes: Buffer): number {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  const first = bytes[start] ?? 0;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return start > 0 && bytes.length - start < size ? start : bytes.length;
}
