// Eyes for file systems of which the kernel does not tell changes (network and container mounts): looks again and again.
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Eyes, Happened } from './eyes.js';
import { type Look, look, lookOf } from './look.js';

/** So many at a time: the others who use the file system shall not wait. */
const AT_ONCE = 32;

/** `known` names the files that are watched, as they looked to whoever watches them. */
export function pollingEyes(
  happened: Happened,
  known: () => Iterable<readonly [string, Look]>,
  everyMs: number,
): Eyes {
  /** Of each directory, what tells that an entry came or went. */
  const marks = new Map<string, string>();
  let closed = false;
  let timer = setTimeout(poll, everyMs);

  async function poll(): Promise<void> {
    await inPortions([...marks], async ([directory, mark]) => {
      const now = directoryMark(await lookLater(directory));
      if (closed || now === mark || marks.get(directory) !== mark) return;
      marks.set(directory, now);
      happened(directory, null);
    });
    await inPortions([...known()], async ([path, was]) => {
      const { mark } = await lookLater(path);
      if (!closed && mark !== was.mark) happened(dirname(path), basename(path));
    });
    if (!closed) timer = setTimeout(poll, everyMs);
  }

  return {
    watch(directory) {
      if (!marks.has(directory)) marks.set(directory, directoryMark(look(directory)));
    },
    forget(directory) {
      marks.delete(directory);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      marks.clear();
    },
  };
}

function directoryMark({ mark, changed }: Look): string {
  return `${mark}:${changed}`;
}

async function lookLater(path: string): Promise<Look> {
  return lookOf(await stat(path).catch(() => undefined));
}

async function inPortions<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE) {
    await Promise.all(all.slice(from, from + AT_ONCE).map(act));
  }
}
