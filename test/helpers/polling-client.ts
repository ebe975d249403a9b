// A client that asks again and again, each time on a new connection, while a test does something else.
import { get } from './client.js';
import { eventually } from './eventually.js';

export interface Knocking {
  /** Answers so far, and what went wrong. */
  readonly answers: readonly string[];
  readonly failures: readonly unknown[];
  /** Ends it; resolves when the last answer is there. */
  stop(): Promise<void>;
}

export function knock(address: string, path = '/'): Knocking {
  const answers: string[] = [];
  const failures: unknown[] = [];
  let stopped = false;
  const done = (async () => {
    while (!stopped) {
      try {
        answers.push(await get(address, path));
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
