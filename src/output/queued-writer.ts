// Writes lines to a descriptor, whole lines at a time, and says when it has too much to write.
import { write } from 'node:fs';
import { now } from '../linux/monotonic-clock.js';

/** What a pipe takes in one piece or not at all (PIPE_BUF): nothing of others gets between. */
const BLOCK = 4096;
/** From so many bytes on it is full, and below so many it is not any more. */
const FULL = 64 * 1024;
const LOW = 16 * 1024;
/** Milliseconds before it is tried again to write to what takes nothing at the moment: from, to. */
const FIRST_PAUSE = 1;
const LAST_PAUSE = 32;

interface Block {
  readonly bytes: Buffer;
  used: number;
}

export interface Sink {
  /** One or more whole lines, in parts. They are copied. */
  write(parts: readonly Buffer[]): void;
  isFull(): boolean;
  /** Bytes that are handed over and not written yet. */
  waiting(): number;
  /** Resolves when all that was handed over until now is written, or lost. */
  flushed(): Promise<void>;
  /** Milliseconds since the destination took anything of what waits for it; 0 when it takes it. */
  blockedFor(): number;
}

/** `onRoom`: it was full, and is not any more. What cannot be written (its reader is gone, say) is lost. */
export function createSink(fd: number, onRoom: () => void): Sink {
  const blocks: Block[] = [];
  const waiters: { readonly until: number; readonly resolve: () => void }[] = [];
  let taken = 0;
  let done = 0;
  let writing = false;
  let full = false;
  let blockedAt: number | null = null;

  function pump(): void {
    const block = blocks.shift();
    writing = block !== undefined;
    if (block) send(block.bytes.subarray(0, block.used), FIRST_PAUSE);
  }

  function send(bytes: Buffer, pause: number): void {
    write(fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        blockedAt ??= now();
        const next = Math.min(2 * pause, LAST_PAUSE);
        return void setTimeout(() => send(bytes, next), pause);
      }
      blockedAt = null;
      const gone = error ? bytes.length : written;
      account(gone);
      if (gone < bytes.length) send(bytes.subarray(gone), FIRST_PAUSE);
      else pump();
    });
  }

  function account(bytes: number): void {
    done += bytes;
    while (waiters[0] && waiters[0].until <= done) waiters.shift()?.resolve();
    if (!full || taken - done > LOW) return;
    full = false;
    onRoom();
  }

  return {
    write(parts) {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      let block = blocks.at(-1);
      if (!block || block.used + length > block.bytes.length) {
        block = { bytes: Buffer.allocUnsafe(Math.max(BLOCK, length)), used: 0 };
        blocks.push(block);
      }
      for (const part of parts) block.used += part.copy(block.bytes, block.used);
      taken += length;
      if (taken - done >= FULL) full = true;
      // Not at once: more lines are likely to follow, and go into the same block.
      if (writing) return;
      writing = true;
      setImmediate(pump);
    },
    isFull: () => full,
    waiting: () => taken - done,
    flushed: () =>
      taken === done
        ? Promise.resolve()
        : new Promise((resolve) => void waiters.push({ until: taken, resolve })),
    blockedFor: () => (blockedAt === null ? 0 : now() - blockedAt),
  };
}
