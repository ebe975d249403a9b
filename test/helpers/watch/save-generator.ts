// Somebody who writes at the fixture saved-app: saves at random moments, in all the ways of editors, good and broken.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deploy } from '../releases/deploy.js';

const PARTS = ['first', 'second', 'third'] as const;
type Part = (typeof PARTS)[number];

const MOST_REST_MS = 200;
/** What is broken is looked at sooner than the rest. */
const REPAIRS = 0.7;

export class Writing {
  readonly #directory: string;
  readonly #roll: () => number;
  readonly #broken = new Set<Part>();
  #version = 0;

  /** `cwd`: of the app. `roll`: numbers from 0 to 1. */
  constructor(cwd: string, roll: () => number) {
    this.#directory = join(cwd, 'parts');
    this.#roll = roll;
  }

  /** What was done to how many files, or to which. */
  readonly done = { good: 0, broken: 0, bursts: 0, deleted: 0 };

  /** One save, or a burst of them, and a rest of any length up to 200 ms. Waits for nobody. */
  async save(): Promise<void> {
    const what = this.#roll();
    if (what < 0.1) this.all();
    else if (what < 0.25) this.breakAny();
    else if (what < 0.35) await this.#deleteAndBack(this.#any());
    else this.#save(this.#next());
    await pause(this.#roll() * MOST_REST_MS);
  }

  /** All parts at once, good ones; returns what the app then answers to `/versions`. */
  all(): string {
    this.done.bursts += 1;
    for (const part of PARTS) this.#save(part);
    const { length } = PARTS;
    return PARTS.map((_, i) => this.#version - length + 1 + i).join(' ');
  }

  breakAny(): void {
    const part = this.#any();
    this.done.broken += 1;
    this.#broken.add(part);
    const wrong = ['export const versions = [;\n', "throw new Error('a broken save');\n"];
    this.#write(part, wrong[Math.floor(this.#roll() * wrong.length)] ?? '');
  }

  #save(part: Part): void {
    this.done.good += 1;
    this.#version += 1;
    this.#broken.delete(part);
    this.#write(part, this.#text(part));
  }

  async #deleteAndBack(part: Part): Promise<void> {
    this.done.deleted += 1;
    rmSync(this.#path(part));
    await pause(this.#roll() * MOST_REST_MS);
    this.#save(part);
  }

  /** In place, or a new file with the name of the old one. */
  #write(part: Part, text: string): void {
    if (this.#roll() < 0.5) writeFileSync(this.#path(part), text);
    else deploy(this.#path(part), text);
  }

  #text(part: Part): string {
    const next = PARTS[PARTS.indexOf(part) + 1];
    const version = `'${this.#version}'`;
    if (!next) return `export const versions = [${version}];\n`;
    return (
      `import { versions as others } from './${next}.mjs';\n` +
      `export const versions = [${version}, ...others];\n`
    );
  }

  #next(): Part {
    const [broken] = this.#broken;
    return broken && this.#roll() < REPAIRS ? broken : this.#any();
  }

  #any(): Part {
    return PARTS[Math.floor(this.#roll() * PARTS.length)] ?? 'first';
  }

  #path(part: Part): string {
    return join(this.#directory, `${part}.mjs`);
  }
}
