// A server behind a proxy on the same machine: it listens on a path instead of a port.
import { createServer } from 'node:http';

const path = process.env.PORT ?? '/tmp/hello.sock';

createServer((_request, response) => {
  response.end(`hello from ${process.pid}\n`);
}).listen(path, () => console.log(`listening on ${path}`));
