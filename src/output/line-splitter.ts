// Splits the output of a worker into lines. It handles bytes, so that any output is passed on unchanged.

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const MIN_ROOM_BYTES = 256;

export interface OutputLine {
  /** Without the line end. Valid during the call only. */
  readonly bytes: Buffer;
  /** The beginning of this line was passed on before, as the line was too long. */
  readonly isContinuation: boolean;
  /** The rest of this line follows, as the line is too long. */
  readonly isContinued: boolean;
}

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Nothing follows: passes on a last line that has no line end. */
  end(): void;
}

/** A line of more than `maxBytes` is passed on in pieces that end with a whole character of UTF-8. */
export function createLineSplitter(
  maxBytes: number,
  onLine: (line: OutputLine) => void,
): LineSplitter {
  let pending = Buffer.alloc(0);
  let length = 0;
  let isContinuation = false;

  function append(piece: Buffer): void {
    if (length + piece.length > pending.length) {
      const room = Math.max(MIN_ROOM_BYTES, 2 * (length + piece.length));
      const grown = Buffer.allocUnsafe(Math.min(maxBytes, room));
      pending.copy(grown, 0, 0, length);
      pending = grown;
    }
    length += piece.copy(pending, length);
  }

  function appendInPieces(bytes: Buffer): void {
    let rest = bytes;
    while (length + rest.length > maxBytes) {
      const room = maxBytes - length;
      append(rest.subarray(0, room));
      rest = rest.subarray(room);
      const cut = endOfCharacters(pending.subarray(0, length));
      onLine({ bytes: pending.subarray(0, cut), isContinuation, isContinued: true });
      pending.copyWithin(0, cut, length);
      length -= cut;
      isContinuation = true;
    }
    append(rest);
  }

  function finish(): void {
    const bytes = withoutReturn(pending.subarray(0, length));
    onLine({ bytes, isContinuation, isContinued: false });
    pending = Buffer.alloc(0);
    length = 0;
    isContinuation = false;
  }

  return {
    push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        const line = chunk.subarray(from, at);
        from = at + 1;
        if (length === 0 && !isContinuation && line.length <= maxBytes) {
          onLine({ bytes: withoutReturn(line), isContinuation, isContinued: false });
        } else {
          appendInPieces(line);
          finish();
        }
      }
      if (from < chunk.length) appendInPieces(chunk.subarray(from));
    },
    end() {
      if (length > 0 || isContinuation) finish();
    },
  };
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
}

/** The number of bytes without an incomplete character of UTF-8 at the end. */
function endOfCharacters(bytes: Buffer): number {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  const first = bytes[start] ?? 0;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return start > 0 && bytes.length - start < size ? start : bytes.length;
}
