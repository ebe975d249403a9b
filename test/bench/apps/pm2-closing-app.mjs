// The app that does for pm2 what it can: beyond what pm2's documentation asks, it tells its clients to leave.
import { createServer } from 'node:http';
import { handler } from './handler.mjs';

// server.close() ends connections on which nothing is under way at once, and a request that is just arriving
// there is lost. By then all that were in use have had an answer that ends them; pm2 kills after 1.6 s.
const GRACE_MS = 500;

let ending = false;
const server = createServer((request, response) => {
  if (ending) response.setHeader('connection', 'close');
  handler(request, response);
}).listen(Number(process.env.PORT), '127.0.0.1', () => {
  process.send('ready');
});

process.on('SIGINT', () => {
  ending = true;
  setTimeout(() => server.close(() => process.exit()), GRACE_MS);
});
