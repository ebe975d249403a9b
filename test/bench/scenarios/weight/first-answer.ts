// From the command to the first answer over HTTP, by turns: a busy moment hits all alike.
import type { Peer } from '../../peers/peer.js';

/** Milliseconds of each round, by contestant. Those in `often` have further rounds, up to `most`. */
export async function firstAnswers(
  peers: readonly Peer[],
  often: readonly Peer[],
  rounds: { readonly all: number; readonly most: number },
): Promise<Map<Peer, number[]>> {
  const times = new Map(peers.map((peer): [Peer, number[]] => [peer, []]));
  for (let round = 0; round < rounds.most; round += 1) {
    const present = peers.filter((peer) => round < rounds.all || often.includes(peer));
    // The first of a round may find a machine that was idle, or busy with the last one's end.
    for (const peer of round % 2 === 0 ? present : present.toReversed()) {
      const running = await peer.start({});
      times.get(peer)?.push(running.firstAnswerMs);
      await running.stop();
    }
  }
  return times;
}
