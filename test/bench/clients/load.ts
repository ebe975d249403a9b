// The bench's end of the load process.
import { type ChildProcess, fork } from 'node:child_process';
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
  /** Resolves when the load has ended, by itself or by `stop`; rejects when its process has failed or died. */
  readonly ended: Promise<Records>;
  stop(): Promise<Records>;
}

const PROGRAM = fileURLToPath(new URL('load-process.js', import.meta.url));
const POLL_MS = 1;

export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;

  constructor() {
    // It ends by itself when this process does, however that happens. `advanced`: typed arrays as they are.
    const child = fork(PROGRAM, { serialization: 'advanced' });
    this.#child = child;
    const happened = (event: string) => new Promise<void>((resolve) => child.once(event, resolve));
    // Its last message may come after the exit, but not after the disconnect.
    this.#gone = Promise.all([happened('exit'), happened('disconnect')]);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Starts a load; the one before must have ended. */
  run(spec: LoadSpec): Load {
    const child = this.#child;
    const firsts: First[] = [];
    let failure: Error | null = null;
    const ended = new Promise<Records>((resolve, reject) => {
      const onMessage = (message: FromLoad) => {
        if (message.kind === 'first') firsts.push(message.first);
        else child.off('message', onMessage);
        if (message.kind === 'ended') resolve(message.records);
        if (message.kind === 'failed')
          reject(new Error(`the load process has failed: ${message.why}`));
      };
      child.on('message', onMessage);
      // Comes to nothing after its last message.
      void this.#gone.then(() => reject(new Error('the load process has died')));
    });
    // Whoever waits for it learns of a failure; nobody may, when the bench itself has failed.
    ended.catch((error: Error) => {
      failure = error;
    });
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
          if (failure) throw failure;
          await pause(POLL_MS);
        }
      },
    };
  }

  /** At once when it is gone already. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#gone;
  }

  #tell(message: ToLoad): void {
    // Without a function an error would be an event that ends the bench.
    this.#child.send(message, () => {});
  }
}
