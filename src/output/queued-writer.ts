// A stream for whole lines to a descriptor that may take nothing for a while.
import { write } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { now } from 'node-systemd-notify/linux';

const writeBytes = promisify(write);

const NEWLINE = 0x0a;
/** A pipe takes up to PIPE_BUF bytes in one piece, so that nothing of other writers gets in between, see pipe(7). */
const PIPE_BUF = 4096;
/** From this many waiting bytes on it needs to drain. */
const FULL_BYTES = 64 * 1024;
/** The longest time between two attempts to write to a destination that takes nothing. */
const MAX_RETRY_MS = 32;

/** Each chunk must be one or more whole lines. What cannot be written (to a pipe without a reader, say) is lost: no error. */
export class QueuedWriter extends Writable {
  readonly fd: number;
  #blockedSince: number | null = null;

  constructor(fd: number) {
    super({ highWaterMark: FULL_BYTES });
    this.fd = fd;
  }

  /** Milliseconds since the destination last took anything; 0 while it takes what is written. */
  blockedFor(): number {
    return this.#blockedSince === null ? 0 : now() - this.#blockedSince;
  }

  /** Resolves when everything that is queued now is written or lost. */
  flushed(): Promise<void> {
    return new Promise((resolve) => this.write('', () => resolve()));
  }

  override _writev(chunks: readonly { chunk: Buffer }[], done: () => void): void {
    void this.#writeAll(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(done);
  }

  async #writeAll(lines: Buffer): Promise<void> {
    for (let rest = lines; rest.length > 0; ) {
      const block = rest.subarray(0, endOfBlock(rest));
      const taken = await writeBytes(this.fd, block).then(
        ({ bytesWritten }) => bytesWritten,
        (error: NodeJS.ErrnoException) => (error.code === 'EAGAIN' ? 0 : block.length),
      );
      rest = rest.subarray(taken);
      this.#blockedSince = taken > 0 ? null : (this.#blockedSince ?? now());
      // It is tried again after as long as it has taken nothing.
      if (taken === 0) await wait(Math.min(Math.max(1, this.blockedFor()), MAX_RETRY_MS));
    }
  }
}

/** The end of the last line that a pipe takes in one piece, or of the first line if that is longer. */
function endOfBlock(lines: Buffer): number {
  if (lines.length <= PIPE_BUF) return lines.length;
  const last = lines.lastIndexOf(NEWLINE, PIPE_BUF - 1);
  return (last === -1 ? lines.indexOf(NEWLINE) : last) + 1 || lines.length;
}
