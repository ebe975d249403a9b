// The sockets that were passed to this process, by the protocol of sd_listen_fds(3).
import { FIRST_FD } from '../ipc-protocol.js';

export interface PassedSocket {
  /** For `server.listen({ fd })`. */
  readonly fd: number;
  /** As in `--listen name=…`; `unknown` when the passer gave none. */
  readonly name: string;
}

/** In the order of their descriptors; empty when nothing was passed, or not to this process. */
export function sockets(): PassedSocket[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = process.env;
  const count = Number(LISTEN_FDS);
  if (LISTEN_PID !== String(process.pid) || !Number.isInteger(count) || count < 1) return [];
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  return Array.from({ length: count }, (_, i) => ({
    fd: FIRST_FD + i,
    name: names[i] ?? 'unknown',
  }));
}
