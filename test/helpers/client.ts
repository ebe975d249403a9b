// Small clients for tests that want one answer, from wherever the status says that the server listens.
import { type Agent, request } from 'node:http';
import type { StatusReport } from '../../src/status/report-types.js';

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`, `unix:/path` as options of `http.request` and `net.connect`. */
export function connectTo(
  address: string,
): { host: string; port: number } | { socketPath: string; path: string } {
  if (address.startsWith('unix:')) return { socketPath: address.slice(5), path: '/' };
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  return { host: host.replace(/[[\]]/g, '') || '127.0.0.1', port: Number(port) };
}

/** Address of the first socket that a status names. */
export function addressOf(status: StatusReport, nth = 0): string {
  const socket = status.sockets[nth];
  if (!socket) throw new Error('the master holds no socket');
  return socket.address;
}

/** What is not answered by then never will be: a socket that nobody accepts on keeps its clients waiting. */
const ANSWER_LIMIT_MS = 20_000;

/** Body of the answer to one GET, which has status 200; on a connection of its own unless there is an agent. */
export function get(address: string, path = '/', agent: Agent | false = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const sending = request({ agent, ...connectTo(address), path, signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`status ${response.statusCode}: ${body}`));
      });
      response.on('error', reject);
    });
    sending.on('error', reject);
    sending.end();
  });
}
