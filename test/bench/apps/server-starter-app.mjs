// The app for Server::Starter: it takes the descriptor from there, and finishes its work on SIGTERM.
import { createServer } from 'node:http';
import { handler } from './handler.mjs';

// A connection that is never idle outlives server.close() for as long as its client goes on, and start_server
// waits for ever. The limit decides only when such a client is cut off; it is that of cluster.mjs.
const LIMIT_MS = 2000;

// `127.0.0.1:8080=3`
const [, fd] = process.env.SERVER_STARTER_PORT.split('=');
const server = createServer(handler).listen({ fd: Number(fd) });

process.once('SIGTERM', () => {
  server.close();
  setTimeout(() => server.closeAllConnections(), LIMIT_MS).unref();
});
