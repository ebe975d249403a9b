// The rate at which all contestants are asked: a third of what this client gets out of the bare app in this run. A
// rate of its own for each would spare the slow ones.
import type { LoadProcess } from '../clients/load.js';
import type { Shape } from '../clients/load-spec.js';
import { rateOf } from '../clients/rate.js';
import { bareNode } from '../peers/bare-node.js';
import type { AppOptions } from '../peers/peer.js';
import { summarize } from '../statistics.js';

const SLICES = 3;
const SLICE_MS = 400;
const WARM_UP_MS = 600;
const CLIENTS = 32;
/** As many as keep a processor busy that answers each only after a while. */
const CLIENTS_PER_MS = 8;

export async function thirdOfSaturation(
  loads: LoadProcess,
  app: AppOptions,
  shape: Shape,
  quick: boolean,
): Promise<number> {
  const clients = CLIENTS + CLIENTS_PER_MS * (app.handlerMs ?? 0);
  const running = await bareNode.start({ ...app, bootMs: 0 });
  const { endpoint } = running;
  const slice = (forMs: number) => loads.run({ endpoint, shape, pace: { clients }, forMs }).ended;
  try {
    await slice(quick ? SLICE_MS / 4 : WARM_UP_MS);
    const rates: number[] = [];
    for (let i = 0; i < (quick ? 1 : SLICES); i += 1) rates.push(rateOf(await slice(SLICE_MS)));
    return Math.round(summarize(rates).median / 3);
  } finally {
    await running.stop();
  }
}
