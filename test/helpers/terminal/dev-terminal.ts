// `graceful-run dev` at a terminal, for the tests that sit there.
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { get } from '../client.js';
import { eventually } from '../eventually.js';
import { bin, node } from '../paths.js';
import { cleanEnvironment, runCommand, scratch } from '../supervisor.js';
import type { Project } from '../watch/developing.js';
import type { PseudoTerminal } from './pseudo-terminal.js';

export const dev = [node, bin, 'dev', '--name', 'web', '--', node, 'app.mjs'];

/** Where it runs, and with what environment. */
export function place(t: TestContext, app: Project) {
  const env = {
    ...cleanEnvironment(),
    ...{ TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1', XDG_RUNTIME_DIR: scratch(t) },
  };
  return { cwd: app.directory, env };
}

/** Waits until the first generation serves; resolves with its address. */
export async function served(terminal: PseudoTerminal): Promise<string> {
  const [, address = ''] = await terminal.shows(/serving {3}.*http:\/\/([\d.:]+)/);
  await terminal.shows(/^watching .*\n/m);
  return address;
}

/** Presses keys, and waits for what they show. */
export async function press(terminal: PseudoTerminal, keys: string, what: string | RegExp) {
  const before = terminal.output().length;
  terminal.type(keys);
  return await terminal.shows(what, before);
}

export async function pidsOf(where: { cwd: string; env: NodeJS.ProcessEnv }) {
  const { stdout } = await runCommand(['status', '--json', '--name', 'web'], where);
  const { pid, workers } = JSON.parse(stdout) as { pid: number; workers: { pid: number }[] };
  return { master: pid, worker: workers[0]?.pid ?? 0 };
}

/** The line is told when the old worker is asked to leave, and it accepts until it hears of that. */
export const answers = (address: string, text: string) =>
  eventually(
    text,
    () => get(address),
    (answer) => answer === text,
  );

export const gone = (pid: number) => eventually('its end', () => !existsSync(`/proc/${pid}`));
