// How long the loop of a master keeps others waiting, seen from outside: a request on the control socket that
// it answers in the turn in which it reads it, again and again. The request is a wrong one, which costs nothing.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const GAP_MS = 1;

/** Longest wait for an answer while `what` lasts, in milliseconds. */
export async function longestWait(control: string, what: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let over = false;
  const pinging = (async () => {
    while (!over) {
      longest = Math.max(longest, await waitForAnswer(control));
      await pause(GAP_MS);
    }
  })();
  try {
    await Promise.race([what(), pinging]);
    over = true;
    await pinging;
    return longest;
  } finally {
    over = true;
  }
}

/** In milliseconds, from a request on a connection that the master may not have accepted yet. */
async function waitForAnswer(control: string): Promise<number> {
  const socket = connect({ path: control });
  await once(socket, 'connect');
  const sent = performance.now();
  socket.write('{}\n');
  await once(socket, 'data');
  socket.destroy();
  return performance.now() - sent;
}
