// `npm run bench [scenario...] [--json] [--quick]`: compares graceful-run with the bare app on this machine, in this
// very run. Says whether the budgets are met, and fails nothing: a busy machine is no defect.
import { cpus, loadavg, release } from 'node:os';
import { reloadTime } from './reload-time.js';
import { isMet, type Result, table } from './result.js';
import { keepAlive, newConnections } from './throughput.js';

const SCENARIOS: Record<string, (rounds?: number) => Promise<Result>> = {
  'keep-alive': keepAlive,
  'new-connections': newConnections,
  'reload-time': reloadTime,
};

const words = process.argv.slice(2);
const names = words.filter((word) => !['--json', '--quick'].includes(word));
/** Only to see that the harness works: the figures say nothing. */
const rounds = words.includes('--quick') ? 2 : undefined;
const unknown = names.find((name) => !(name in SCENARIOS));
if (unknown !== undefined) {
  console.error(`no scenario ${unknown}; there are: ${Object.keys(SCENARIOS).join(', ')}`);
  process.exit(2);
}

// An exit by itself, so that no server is left.
process.once('SIGINT', () => process.exit(130));

const machine = {
  cpus: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  node: process.version,
  kernel: release(),
  load: loadavg()[0] ?? 0,
};
const results: Result[] = [];
for (const name of names.length > 0 ? names : Object.keys(SCENARIOS)) {
  const run = SCENARIOS[name];
  if (run) results.push(await run(rounds));
}

if (words.includes('--json')) {
  const measured = results.map((result) => ({ ...result, met: isMet(result) }));
  console.log(JSON.stringify({ machine, results: measured }, null, 2));
} else {
  const { cpus: count, model, node, kernel, load } = machine;
  console.log(
    `Node ${node}, Linux ${kernel}, ${count} × ${model}, load before ${load.toFixed(2)}\n`,
  );
  console.log(table(results));
}
