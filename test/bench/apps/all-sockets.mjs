// Serves on every socket that it is handed.
import { createServer } from 'node:http';
import { sockets } from 'graceful-run/worker';
import { handler } from './handler.mjs';

for (const { fd } of sockets()) createServer(handler).listen({ fd });
