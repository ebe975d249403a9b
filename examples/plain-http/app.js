// A server like any other: it knows nothing of graceful-run.
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 3000);

createServer((_request, response) => {
  response.end(`hello from ${process.pid}\n`);
}).listen(port, () => console.log(`listening on http://localhost:${port}`));
