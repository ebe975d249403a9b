// Splits the output of a worker into lines. It handles bytes, so that any output is passed on unchanged.

const NEWLINE = 0x0a;
const RETURN = 0x0d;

export interface OutputLine {
  /** Without the line end. Valid during the call only. */
  readonly bytes: Buffer;
  /** The beginning of this line was passed on before, as the line was too long. */
  readonly isContinuation: boolean;
  /** The rest of this line follows, as the line is too long. */
  readonly isContinued: boolean;
}

export type LineSplitter = ReturnType<typeof createLineSplitter>;

/** A line of more than `maxBytes` is passed on in pieces that end with a whole character of UTF-8. */
export function createLineSplitter(maxBytes: number, onLine: (line: OutputLine) => void) {
  /** The beginning of a line. */
  let pending = Buffer.alloc(0);
  let isContinuation = false;

  /** Passes on all of a line but its last piece, which it returns. */
  function passOnPieces(line: Buffer): Buffer {
    let rest = line;
    while (rest.length > maxBytes) {
      let cut = maxBytes;
      while (isInsideCharacter(rest[cut]) && cut > maxBytes - 3) cut -= 1;
      onLine({ bytes: rest.subarray(0, cut), isContinuation, isContinued: true });
      isContinuation = true;
      rest = rest.subarray(cut);
    }
    return rest;
  }

  function passOn(line: Buffer): void {
    const last = passOnPieces(line);
    const bytes = last.at(-1) === RETURN ? last.subarray(0, -1) : last;
    onLine({ bytes, isContinuation, isContinued: false });
    isContinuation = false;
  }

  return {
    push(chunk: Buffer): void {
      const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      let from = 0;
      let at = bytes.indexOf(NEWLINE, pending.length);
      for (; at !== -1; at = bytes.indexOf(NEWLINE, from)) {
        passOn(bytes.subarray(from, at));
        from = at + 1;
      }
      // A copy, so that it does not keep the chunk in memory.
      pending = Buffer.from(passOnPieces(bytes.subarray(from)));
    },
    /** Nothing follows: passes on a last line that has no line end. */
    end(): void {
      if (pending.length > 0 || isContinuation) passOn(pending);
      pending = Buffer.alloc(0);
    },
  };
}

/** A byte of a character of UTF-8 that is not its first one. */
function isInsideCharacter(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}
