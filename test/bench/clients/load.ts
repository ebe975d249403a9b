// The bench's end of the load process.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { First } from './asker.js';
import type { FromLoad, LoadSpec, ToLoad } from './load-spec.js';
import type { Records } from './records.js';

export interface Load {
  /** First answers so far. */
  readonly firsts: readonly First[];
  /** The first answer that matches, past ones included; null when none has within the limit. */
  seen(matches: (first: First) => boolean, limitMs: number): Promise<First | null>;
  /** Resolves when the load has ended, by itself or by `stop`. */
  readonly ended: Promise<Records>;
  stop(): Promise<Records>;
}

const PROGRAM = fileURLToPath(new URL('load-process.js', import.meta.url));
const POLL_MS = 1;

export class LoadProcess {
  readonly #child: ChildProcess;

  constructor() {
    // It ends by itself when this process does, however that happens. `advanced`: typed arrays as they are.
    this.#child = fork(PROGRAM, { serialization: 'advanced' });
  }

  /** Starts a load; the one before must have ended. */
  run(spec: LoadSpec): Load {
    const child = this.#child;
    const firsts: First[] = [];
    const ended = new Promise<Records>((resolve, reject) => {
      const onExit = () => reject(new Error('the load process has died'));
      const onMessage = (message: FromLoad) => {
        if (message.kind === 'first') firsts.push(message.first);
        else {
          child.off('message', onMessage);
          child.off('exit', onExit);
          resolve(message.records);
        }
      };
      child.on('message', onMessage);
      child.once('exit', onExit);
    });
    // Whoever waits for it learns of a failure; nobody may, when the bench itself has failed.
    ended.catch(() => {});
    this.#tell({ kind: 'run', spec });
    return {
      firsts,
      ended,
      stop: () => {
        this.#tell({ kind: 'stop' });
        return ended;
      },
      async seen(matches, limitMs) {
        const end = performance.now() + limitMs;
        for (;;) {
          const first = firsts.find(matches);
          if (first || performance.now() > end) return first ?? null;
          await pause(POLL_MS);
        }
      },
    };
  }

  async end(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }

  #tell(message: ToLoad): void {
    this.#child.send(message);
  }
}
