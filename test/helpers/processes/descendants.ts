// The processes that the fixture has-family started, for tests that none of them is left.
import type { TestContext } from 'node:test';
import { eventually } from '../eventually.js';
import { isRunning, type Supervisor } from '../supervisor.js';

export interface Family {
  readonly sameGroup: number;
  readonly ownSession: number;
  readonly orphan: number;
  readonly orphanOfOwnSession: number;
}

/** Waits for the families of so many workers; what is left of them when the test ends is killed. */
export async function familiesOf(t: TestContext, master: Supervisor, count = 1): Promise<Family[]> {
  const find = () =>
    [...master.output().matchAll(/^family (\{.*\})$/gm)].map(
      ([, json = '{}']) => JSON.parse(json) as Family,
    );
  const families = await eventually(`${count} families`, find, (found) => found.length >= count);
  t.after(() => {
    for (const pid of families.flatMap(pidsOf).filter(isRunning)) process.kill(pid, 'SIGKILL');
  });
  return families;
}

const pidsOf = (family: Family): number[] => Object.values(family);

/** Names of those that are still there. */
export function leftOf(family: Family): string[] {
  return Object.entries(family)
    .filter(([, pid]) => isRunning(pid))
    .map(([name]) => name);
}
