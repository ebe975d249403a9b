// A project in the hands of somebody who writes its code: files that are saved, and `graceful-run dev` beside them.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { addressOf, get } from '../client.js';
import { eventually } from '../eventually.js';
import { node } from '../paths.js';
import { type Knocking, knock } from '../polling-client.js';
import {
  type Supervisor,
  type SupervisorOptions,
  scratch,
  startSupervisor,
} from '../supervisor.js';

export interface Project {
  readonly directory: string;
  path(name: string): string;
  /** As most programs do: in place. */
  write(name: string, text: string): void;
  /** As many editors do: beside it, then in its place. */
  save(name: string, text: string): void;
}

/** A server of three files; what it answers is in the one that is imported last. */
export const SERVER: Readonly<Record<string, string>> = {
  'app.mjs': `import { createServer } from 'node:http';
import { greet } from './lib/greet.mjs';

createServer((_request, response) => response.end(greet())).listen(0, '127.0.0.1');
`,
  'lib/greet.mjs': `import { text } from './words/text.mjs';

export const greet = () => \`\${text} \${process.env.GRACEFUL_RUN_GENERATION}\`;
`,
  'lib/words/text.mjs': saying('one'),
};

/** The module that says it. */
export function saying(text: string): string {
  return `export const text = '${text}';\n`;
}

export const TEXT = 'lib/words/text.mjs';

export function project(
  t: TestContext,
  files: Readonly<Record<string, string>> = SERVER,
  directory = scratch(t),
): Project {
  const path = (name: string) => join(directory, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    directory,
    path,
    write,
    save(name, text) {
      write(`${name}.saving~`, text);
      renameSync(path(`${name}.saving~`), path(name));
    },
  };
}

export interface DevOptions extends Omit<SupervisorOptions, 'cwd'> {
  readonly flags?: readonly string[];
  readonly command?: readonly string[];
}

/** `graceful-run dev [flags] -- node app.mjs` there, with its log. */
export function startDev(
  t: TestContext,
  { directory }: Project,
  { flags = [], command = [node, 'app.mjs'], ...options }: DevOptions = {},
): Supervisor {
  const args = ['dev', '--log-level', 'info', ...flags, '--', ...command];
  return startSupervisor(t, args, { ...options, cwd: directory });
}

export interface Served {
  readonly address: string;
  /** Somebody who looks at the page again and again. */
  readonly visitor: Knocking;
  /** Waits until this is the answer. */
  answers(text: string): Promise<void>;
}

/** Waits until generation `first` serves. */
export async function visit(t: TestContext, master: Supervisor, first = 1): Promise<Served> {
  const address = addressOf(await master.settled(first));
  const visitor = knock(address);
  t.after(() => visitor.stop());
  return {
    address,
    visitor,
    answers: async (text) => {
      await eventually(
        `the answer '${text}'`,
        () => get(address),
        (answer) => answer === text,
      );
    },
  };
}

/** Waits until the terminal, or whoever reads instead, was told this. */
export async function shown(master: Supervisor, pattern: RegExp): Promise<string> {
  const text = await eventually(`${pattern} to be shown`, master.output, (all) =>
    pattern.test(all),
  );
  return text;
}

/** How many roll outs there were, the first start among them. */
export function rollouts(master: Supervisor): number {
  return master.log().filter((line) => line.event === 'rolledOut').length;
}
