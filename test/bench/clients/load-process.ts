// The process that makes the load: `fork`ed by the bench, so that whatever that does meanwhile makes no
// request late. One load at a time; ends with the bench.
import { Asker } from './asker.js';
import { startConstantRate } from './constant-rate.js';
import { type Client, type FromLoad, LIMIT_MS, type LoadSpec, type ToLoad } from './load-spec.js';
import { startSaturating } from './saturating.js';

const tell = (message: FromLoad) => process.send?.(message);
let stop: (() => Promise<void>) | null = null;

function run({ endpoint, shape, pace, forMs }: LoadSpec): void {
  const asker = new Asker(endpoint, LIMIT_MS, (first) => tell({ kind: 'first', first }));
  const client: Client =
    'rate' in pace
      ? startConstantRate(asker, shape, pace.rate)
      : startSaturating(asker, shape, pace.clients);
  stop = async () => {
    stop = null;
    clearTimeout(timer);
    await client.stop();
    tell({ kind: 'ended', records: asker.recorder.records() });
  };
  const timer = forMs === undefined ? undefined : setTimeout(() => void stop?.(), forMs);
}

process.on('message', (message: ToLoad) => {
  if (message.kind === 'run') run(message.spec);
  else void stop?.();
});
// A rejected promise comes here as well: a client that ran out of ports, say. The load would be another without it.
process.once('uncaughtException', (error) => {
  const failed: FromLoad = { kind: 'failed', why: error.message };
  process.send?.(failed, () => process.exit(1));
});
process.once('disconnect', () => process.exit());
