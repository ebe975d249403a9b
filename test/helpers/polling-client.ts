// A client that asks again and again while a test does something else.
import type { Agent } from 'node:http';
import { get } from './client.js';
import { eventually } from './eventually.js';

export interface Knocking {
  /** Answers so far, and what went wrong. */
  readonly answers: readonly string[];
  readonly failures: readonly unknown[];
  /** Ends it; resolves when the last answer is there. */
  stop(): Promise<void>;
}

/** Each time on a new connection, unless an agent keeps them. */
export function knock(address: string, path = '/', agent: Agent | false = false): Knocking {
  const answers: string[] = [];
  const failures: unknown[] = [];
  let stopped = false;
  const done = (async () => {
    while (!stopped) {
      try {
        answers.push(await get(address, path, agent));
      } catch (error) {
        failures.push(error);
        stopped = true;
      }
    }
  })();
  return {
    answers,
    failures,
    stop() {
      stopped = true;
      return done;
    },
  };
}

/** Resolves when the answer is as it should be: a moment ago the old generation accepted here, too. */
export async function answers(address: string, pattern: RegExp): Promise<void> {
  await eventually(
    `${pattern} from ${address}`,
    () => get(address),
    (answer) => pattern.test(answer),
  );
}
