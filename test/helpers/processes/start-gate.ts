// The test's side of the gate that fixtures pass: knows when a worker stands before it, and lets it through.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.js';

export interface Gate {
  /** Resolves when a worker waits at it. */
  reached(): Promise<void>;
  open(): void;
}

/** Holds up the workers of `generation`, which run in `directory`. */
export function closeGate(directory: string, generation: number): Gate {
  const fifo = join(directory, `gate-${generation}`);
  execFileSync('mkfifo', [fifo]);
  let fd: number | null = null;
  return {
    async reached() {
      // Without a reader this is ENXIO, fifo(7).
      const { O_WRONLY, O_NONBLOCK } = constants;
      fd = await eventually(
        'a worker at the gate',
        () => openSync(fifo, O_WRONLY | O_NONBLOCK),
        () => true,
      );
    },
    open() {
      if (fd === null) throw new Error('nobody waits at the gate');
      writeSync(fd, '\n');
      closeSync(fd);
      fd = null;
    },
  };
}
