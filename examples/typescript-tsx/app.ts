// TypeScript with all that has to be compiled, by tsx while it is loaded: it knows nothing of graceful-run.
import { createServer } from 'node:http';
import { Greeter } from './greeter.js';
import { Language } from './language.js';

const port = Number(process.env.PORT ?? 3000);
const greeters = [new Greeter(Language.English), new Greeter(Language.German)];

createServer((request, response) => {
  const wanted = request.headers['accept-language']?.startsWith('de') ? 1 : 0;
  response.end(greeters[wanted]?.greet(process.pid));
}).listen(port, () => console.log(`listening on http://localhost:${port}`));
