// How the address of a socket is written. Pure.

/** `127.0.0.1:80`, `[::1]:80`; `:80` without a host. */
export function formatHostPort(host: string | null, port: number): string {
  return `${host?.includes(':') ? `[${host}]` : (host ?? '')}:${port}`;
}
