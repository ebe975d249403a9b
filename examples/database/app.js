// Connects to its database before it serves, and closes it when nothing can ask for it any more.
// Without graceful-run it runs just the same: ready() and onRetire() then do nothing.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { onRetire, ready, retiring } from 'graceful-run/worker';
import { Database } from './database.js';

const port = Number(process.env.PORT ?? 3000);
const log = (message) => console.log(`${process.pid}: ${message}`);

const database = new Database();
await database.connect();
// Opened first, so closed last: closers run in reverse order, after the last connection.
onRetire('database', async () => {
  await database.close();
  log('database closed');
});

// Orders are answered at once and written in batches. What still waits at the end needs the database.
const queue = [];
async function flush() {
  const orders = queue.splice(0);
  await database.insert(orders);
  log(`queue flushed, ${orders.length} written`);
}
onRetire('queue', flush, { timeout: 10_000 });

retiring.then(() => log('retiring'));

async function answer(request, response) {
  if (request.method === 'POST') {
    queue.push(await text(request));
    if (queue.length >= 100) await flush();
    response.writeHead(202).end('accepted\n');
  } else {
    response.end(`${await database.count()} orders written, ${queue.length} waiting\n`);
  }
  log(`${request.method} answered`);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.destroy(error));
});

// With --ready ipc the old worker stays until this one says that it can take over.
server.listen(port, () => {
  log(`listening on http://localhost:${port}`);
  ready();
});
