// Contestants that run at the same time, and are gone afterwards whatever happens.
import type { AppOptions, Peer, Running } from '../peers/peer.js';

/** Starts them one after the other, gives them to `use`, and stops all of them. */
export async function together<T>(
  peers: readonly Peer[],
  app: AppOptions,
  use: (running: readonly Running[]) => Promise<T>,
): Promise<T> {
  const running: Running[] = [];
  try {
    for (const peer of peers) running.push(await peer.start(app));
    return await use(running);
  } finally {
    await Promise.all(running.map((one) => one.stop()));
  }
}
