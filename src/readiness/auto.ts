// `auto`: a Node worker is ready when it listens on every expected socket; any program is when it sends READY=1.
import type { BoundAddress } from '../ipc-protocol.js';
import { formatHostPort } from '../text/address.js';
import type { ProbeTarget, StartProbe } from './probe.js';

const NO_PRELOAD =
  'no Node process reported to graceful-run; for a program that is not Node let it send READY=1 to $NOTIFY_SOCKET, or choose --ready fd, http:<url> or after:<time>; for Node, keep the NODE_OPTIONS that it is given';

export const autoProbe: StartProbe = (target, { ready, note }) => {
  const missing = new Map(target.expected.map((socket) => [socket.id, socket]));
  const elsewhere: string[] = [];
  let listens = false;
  const check = () => {
    if (listens && missing.size === 0) ready();
    else note(explanation([...missing.values()], elsewhere));
  };
  note(NO_PRELOAD);
  return {
    onNotifyReady: ready,
    onSocketGivenUp(socket) {
      if (missing.delete(socket) && listens) check();
    },
    onMessage(message) {
      switch (message.type) {
        case 'started':
          return check();
        case 'ready':
          return ready();
        case 'listening':
          listens = true;
          missing.delete(message.socket);
          return check();
        case 'opened':
          listens = true;
          if (message.replaces === undefined) elsewhere.push(describe(message.address));
          else missing.delete(message.replaces);
          return check();
      }
    },
  };
};

function explanation(missing: ProbeTarget['expected'], elsewhere: readonly string[]): string {
  if (missing.length === 0) return 'it never listened on any address';
  const expected = missing.map((socket) => socket.text).join(', ');
  if (elsewhere.length === 0) return `it never listened on ${expected}`;
  const [first] = missing;
  const cure = `if that is the same service, name it: --listen '${first?.text}?for=${elsewhere[0]?.replace(/^.*:/, '')}'`;
  return `it listens on ${elsewhere.join(', ')}, but never on ${expected}; ${cure}`;
}

function describe(address: BoundAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  const { host, port } = address;
  if (host === '::' || host === '0.0.0.0') return `:${port}`;
  return formatHostPort(host, port);
}
