// How long the loop of a master keeps others waiting, seen from outside: a request on the control socket that
// it answers in the turn in which it reads it, again and again. The request is a wrong one, which costs nothing.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const GAP_MS = 1;

/** Longest wait for an answer while `what` lasts, in milliseconds. */
export async function longestWait(control: string, what: () => Promise<unknown>): Promise<number> {
  const socket = connect({ path: control });
  await once(socket, 'connect');
  let longest = 0;
  let over = false;
  const pinging = (async () => {
    while (!over) {
      const sent = performance.now();
      const answered = once(socket, 'data');
      socket.write('{}\n');
      await answered;
      longest = Math.max(longest, performance.now() - sent);
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
    socket.destroy();
  }
}
