// Says the path again, and which release and process it is.
import { headers } from '../lib/headers.mjs';

export function echo(url, response) {
  response.writeHead(200, { ...headers, 'content-length': url.length });
  response.end(url);
}
