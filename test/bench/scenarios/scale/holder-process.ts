// A process that opens connections, says nothing on them and holds them. It ends with the bench.
import { connect, type Socket } from 'node:net';

export interface Order {
  readonly open: number;
  readonly host: string;
  readonly port: number;
}

export type Answer = { readonly held: number } | { readonly error: string };

/** More would overflow the queue of the listener, and be tried again by the kernel after a second. */
const AT_ONCE = 100;
/** Each of them has ports of its own. */
const SOURCES = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 1}`);

const held: Socket[] = [];
const lost: string[] = [];

async function openOne({ host, port }: Order, n: number): Promise<void> {
  const localAddress = SOURCES[n % SOURCES.length] as string;
  const socket = connect({ host, port, localAddress });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', (error) => lost.push(error.message));
  socket.on('end', () => lost.push('closed by the server'));
  socket.resume();
  held.push(socket);
}

async function open(order: Order): Promise<void> {
  let left = order.open;
  const opener = async () => {
    while (left > 0) {
      left -= 1;
      await openOne(order, left);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, opener));
}

const answer = (value: Answer) => process.send?.(value);

process.on('message', (order: Order) => {
  open(order).then(
    () => {
      const [first] = lost;
      answer(first ? { error: `${lost.length} lost: ${first}` } : { held: held.length });
    },
    (error: unknown) => answer({ error: String(error) }),
  );
});

process.once('disconnect', () => {
  // Closed in order they would leave thousands of ports in TIME_WAIT.
  for (const socket of held) socket.resetAndDestroy();
});
