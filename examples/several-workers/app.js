// One of several workers on the same socket: it answers with its place among them. Only the environment
// tells it that it is not alone.
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 3000);
const { GRACEFUL_RUN_WORKER: worker, GRACEFUL_RUN_GENERATION: generation } = process.env;

createServer((_request, response) => {
  response.end(`worker ${worker} of generation ${generation}, pid ${process.pid}\n`);
}).listen(port, () => console.log(`worker ${worker} listens on port ${port}`));
