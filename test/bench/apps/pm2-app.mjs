// The app as pm2's documentation asks for it under "Graceful stop" and "Graceful start".
import { createServer } from 'node:http';
import { handler } from './handler.mjs';

const server = createServer(handler).listen(Number(process.env.PORT), '127.0.0.1', () => {
  process.send('ready');
});

process.on('SIGINT', () => {
  server.close((error) => {
    if (error) console.error(error);
    process.exit(error ? 1 : 0);
  });
});
