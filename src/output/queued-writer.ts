// A queue of whole lines for a descriptor, with back pressure.
import { write } from 'node:fs';
import { now } from 'node-systemd-notify/linux';

/** A pipe takes up to PIPE_BUF bytes in one piece, so that nothing of other writers gets in between, see pipe(7). */
const BLOCK_BYTES = 4096;
/** The writer is full from this many waiting bytes on, until only `ROOM_BYTES` are left. */
const FULL_BYTES = 64 * 1024;
const ROOM_BYTES = 16 * 1024;
/** The time between two attempts to write to a destination that takes nothing; it doubles each time. */
const FIRST_RETRY_MS = 1;
const MAX_RETRY_MS = 32;

interface Block {
  readonly bytes: Buffer;
  used: number;
}

export interface QueuedWriter {
  /** One or more whole lines, in parts. The parts are copied. */
  write(parts: readonly Buffer[]): void;
  isFull(): boolean;
  /** Bytes that are queued and not yet written. */
  waiting(): number;
  /** Resolves when everything that is queued now is written or lost. Never rejects. */
  flushed(): Promise<void>;
  /** Milliseconds since the destination last took anything; 0 while it takes what is written. */
  blockedFor(): number;
}

/** `onRoom` is called when it is no longer full. What cannot be written (a pipe without a reader, say) is lost. */
export function createQueuedWriter(fd: number, onRoom: () => void): QueuedWriter {
  const blocks: Block[] = [];
  const waiters: { readonly until: number; readonly resolve: () => void }[] = [];
  let taken = 0;
  let done = 0;
  let isWriting = false;
  let isFull = false;
  let blockedAt: number | null = null;

  function writeNext(): void {
    const block = blocks.shift();
    isWriting = block !== undefined;
    if (block) writeBytes(block.bytes.subarray(0, block.used), FIRST_RETRY_MS);
  }

  function writeBytes(bytes: Buffer, retryMs: number): void {
    write(fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        blockedAt ??= now();
        const next = Math.min(2 * retryMs, MAX_RETRY_MS);
        return void setTimeout(() => writeBytes(bytes, next), retryMs);
      }
      blockedAt = null;
      const finished = error ? bytes.length : written;
      countDone(finished);
      if (finished < bytes.length) writeBytes(bytes.subarray(finished), FIRST_RETRY_MS);
      else writeNext();
    });
  }

  function countDone(bytes: number): void {
    done += bytes;
    while (waiters[0] && waiters[0].until <= done) waiters.shift()?.resolve();
    if (!isFull || taken - done > ROOM_BYTES) return;
    isFull = false;
    onRoom();
  }

  return {
    write(parts) {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      let block = blocks.at(-1);
      if (!block || block.used + length > block.bytes.length) {
        block = { bytes: Buffer.allocUnsafe(Math.max(BLOCK_BYTES, length)), used: 0 };
        blocks.push(block);
      }
      for (const part of parts) block.used += part.copy(block.bytes, block.used);
      taken += length;
      if (taken - done >= FULL_BYTES) isFull = true;
      // In the next turn: more lines are likely to follow, and go into the same block.
      if (isWriting) return;
      isWriting = true;
      setImmediate(writeNext);
    },
    isFull: () => isFull,
    waiting: () => taken - done,
    flushed: () =>
      taken === done
        ? Promise.resolve()
        : new Promise((resolve) => void waiters.push({ until: taken, resolve })),
    blockedFor: () => (blockedAt === null ? 0 : now() - blockedAt),
  };
}
