// TypeScript that Node runs as it is: it knows nothing of graceful-run.
import { createServer } from 'node:http';
import { greet } from './greeting.ts';
import type { Visit } from './visit.ts';

const port = Number(process.env.PORT ?? 3000);

createServer((request, response) => {
  const visit: Visit = { path: request.url ?? '/', pid: process.pid };
  response.end(greet(visit));
}).listen(port, () => console.log(`listening on http://localhost:${port}`));
