// Runs scenarios one after the other. One that fails is told with its error, and the next one runs, unless what
// failed cannot be ended.
import { GaveUp, guarded } from './guard.js';
import type { Outcome } from './report/run.js';
import type { Context, Scenario } from './scenarios/scenario.js';

export async function runScenarios(
  scenarios: readonly Scenario[],
  { say, peers, quick }: Context,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    const { name, about } = scenario;
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    const sayHere = (line: string) => say(`[${name} ${seconds().toFixed(0)} s] ${line}`);
    const having = peers.filter(({ onlyIn }) => onlyIn?.includes(name) ?? true);
    const { result, stuck } = await attempt(scenario, { peers: having, quick, say: sayHere });
    if ('error' in result) sayHere(`failed: ${result.error}`);
    outcomes.push({ scenario: name, about, seconds: seconds(), result });
    if (stuck) {
      sayHere('no scenario runs after it');
      break;
    }
  }
  return outcomes;
}

interface Attempt {
  readonly result: Outcome['result'];
  /** It failed and has not ended. */
  readonly stuck: boolean;
}

async function attempt(scenario: Scenario, context: Context): Promise<Attempt> {
  try {
    return { result: { report: await guarded(() => scenario.run(context)) }, stuck: false };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { result: { error: text }, stuck: error instanceof GaveUp };
  }
}
