// Addresses of sockets as one can open them in a browser. Pure.

const HTTPS = '443';
const HTTP = '80';

/** For `:8080`, `[::1]:8080` and the like; null for what is no address of a port, as `unix:/run/web.sock`. */
export function urlOf(address: string): string | null {
  const [, host = '', port = ''] = /^(|\[[^\]]+\]|[^:[\]]+):(\d+)$/.exec(address) ?? [];
  if (port === '') return null;
  // What listens everywhere is reached here; 0.0.0.0 is not to be connected to.
  const name = ['', '0.0.0.0', '[::]'].includes(host) ? 'localhost' : host;
  const scheme = port === HTTPS ? 'https' : 'http';
  return `${scheme}://${name}${port === HTTPS || port === HTTP ? '' : `:${port}`}`;
}
