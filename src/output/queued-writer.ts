// A stream for whole lines to a descriptor that may take nothing for a while.
import { write } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { now } from 'node-systemd-notify/linux';

const writeBytes = promisify(write);

/** A pipe takes up to PIPE_BUF bytes in one piece, so that nothing of other writers gets in between, see pipe(7). */
const BLOCK_BYTES = 4096;
/** From this many waiting bytes on it needs to drain. */
const FULL_BYTES = 64 * 1024;
/** The time between two attempts to write to a destination that takes nothing; it doubles each time. */
const FIRST_RETRY_MS = 1;
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

  override _writev(lines: readonly { chunk: Buffer }[], done: () => void): void {
    void this.#writeAll(toBlocks(lines.map(({ chunk }) => chunk))).then(done);
  }

  async #writeAll(blocks: readonly Buffer[]): Promise<void> {
    for (const block of blocks) await this.#writeBlock(block);
  }

  async #writeBlock(block: Buffer): Promise<void> {
    let rest = block;
    let retryMs = FIRST_RETRY_MS;
    while (rest.length > 0) {
      try {
        const { bytesWritten } = await writeBytes(this.fd, rest);
        this.#blockedSince = null;
        rest = rest.subarray(bytesWritten);
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
          this.#blockedSince = null;
          return;
        }
        this.#blockedSince ??= now();
        await wait(retryMs);
        retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
      }
    }
  }
}

/** Joins lines into blocks that are written in one piece. */
function toBlocks(lines: readonly Buffer[]): Buffer[] {
  const blocks: Buffer[][] = [];
  let size = BLOCK_BYTES;
  for (const line of lines) {
    size += line.length;
    if (size > BLOCK_BYTES) {
      blocks.push([]);
      size = line.length;
    }
    blocks.at(-1)?.push(line);
  }
  return blocks.map((block) => Buffer.concat(block));
}
