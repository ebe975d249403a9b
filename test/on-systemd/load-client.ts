// The entry of a process that makes constant load from inside the network of a machine:
// `load-client.js '{"endpoints": [...], "kinds": [...]}'`. Reads one order a line, `{"do": "report" | "stop" |
// "reached", "requests": n}`, and answers each with a line: the report so far. Ends with its standard input.
import { createInterface } from 'node:readline';
import type { Endpoint } from '../helpers/load/connection.js';
import { type ClientKind, startLoad } from '../helpers/load/load.js';

export interface LoadSpec {
  readonly endpoints: readonly Endpoint[];
  readonly kinds: readonly ClientKind[];
}

export interface Order {
  readonly do: 'report' | 'stop' | 'reached';
  readonly requests?: number;
}

const { endpoints, kinds } = JSON.parse(process.argv[2] ?? '') as LoadSpec;
const load = startLoad(endpoints, kinds);
// At once: whoever wanted the report is gone.
process.stdin.on('end', () => process.exit());

for await (const line of createInterface(process.stdin)) {
  const order = JSON.parse(line) as Order;
  if (order.do === 'reached') await load.reached(order.requests ?? 0);
  const report = order.do === 'stop' ? await load.stop() : load.report();
  console.log(JSON.stringify(report));
}
