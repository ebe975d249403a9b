// The app as it is written without a thought of reloads.
import { createServer } from 'node:http';
import { handler } from './handler.mjs';

createServer(handler).listen(Number(process.env.PORT), '127.0.0.1');
