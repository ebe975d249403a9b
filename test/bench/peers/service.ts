// What systemd does with a service of its defaults and `Restart=always`: systemd.service(5).
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { background } from './launch.js';
import type { Place } from './place.js';

// RestartSec=, StartLimitIntervalSec= and StartLimitBurst=. systemd refuses a `restart` beyond the burst as well: not
// modelled, there would be nothing to measure.
const RESTART_MS = 100;
const LIMIT_INTERVAL_MS = 10_000;
const LIMIT_BURST = 5;

export class Service {
  readonly #place: Place;
  readonly #command: readonly string[];
  #child: ChildProcess;
  #starts: number[] = [];
  #restart: NodeJS.Timeout | null = null;

  /** `child` is the first process, which was started already. */
  constructor(place: Place, command: readonly string[], child: ChildProcess) {
    this.#place = place;
    this.#command = command;
    this.#child = child;
    this.#watch(child);
  }

  /** None while it is down. */
  get pids(): number[] {
    return isAlive(this.#child) && this.#child.pid ? [this.#child.pid] : [];
  }

  /** SIGTERM, until it is gone. */
  async stop(): Promise<void> {
    if (this.#restart) clearTimeout(this.#restart);
    const child = this.#child;
    child.removeAllListeners('exit');
    if (!isAlive(child)) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  /** As `systemctl restart`, which returns when the program has been executed, and asks no further. */
  async restart(): Promise<void> {
    await this.stop();
    this.#start();
  }

  #start(): void {
    this.#child = background(this.#place, this.#command).child;
    this.#watch(this.#child);
  }

  #watch(child: ChildProcess): void {
    const now = performance.now();
    this.#starts = [...this.#starts.filter((at) => now - at < LIMIT_INTERVAL_MS), now];
    child.once('exit', () => {
      if (this.#starts.length >= LIMIT_BURST) return;
      this.#restart = setTimeout(() => this.#start(), RESTART_MS);
    });
  }
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
