// `auto`: a Node worker is ready when it listens on what it is expected to; any program when it says READY=1.
import type { BoundAddress } from '../ipc-protocol.js';
import { type Candidate, probe, type StartProbe } from './probe.js';

const NO_PRELOAD =
  'no Node process reported to graceful-run; for a program that is not Node let it send READY=1 to $NOTIFY_SOCKET, or choose --ready fd, http:<url> or after:<time>; for Node, keep the NODE_OPTIONS that it is given';

export const listening: StartProbe = (candidate, verdict) => {
  const missing = new Map(candidate.expected.map((socket) => [socket.id, socket]));
  const elsewhere: string[] = [];
  verdict.note(NO_PRELOAD);
  const explain = () => verdict.note(explanation([...missing.values()], elsewhere));
  return probe({
    notified: () => verdict.ready(),
    heard(message) {
      switch (message.type) {
        case 'hello':
          return explain();
        case 'ready':
          return verdict.ready();
        case 'listening':
          missing.delete(message.socket);
          return missing.size === 0 ? verdict.ready() : explain();
        case 'open':
          if (message.instead === undefined) elsewhere.push(describe(message.address));
          else missing.delete(message.instead);
          return missing.size === 0 ? verdict.ready() : explain();
      }
    },
  });
};

function explanation(missing: Candidate['expected'], elsewhere: readonly string[]): string {
  if (missing.length === 0) return 'it never listened on any address';
  const wanted = missing.map((socket) => socket.text).join(', ');
  if (elsewhere.length === 0) return `it never listened on ${wanted}`;
  const [first] = missing;
  const cure = `if that is the same service, name it: --listen '${first?.text}?for=${elsewhere[0]?.replace(/^.*:/, '')}'`;
  return `it listens on ${elsewhere.join(', ')}, but never on ${wanted}; ${cure}`;
}

function describe(address: BoundAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  const { host, port } = address;
  if (host === '::' || host === '0.0.0.0') return `:${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
