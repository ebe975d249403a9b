// Whatever else proves readiness: a Node worker must also listen on the sockets that it was given.
import { type Probe, probe, type StartProbe } from './probe.js';

/**
 * `start`, and the given sockets besides. A program that is not Node is believed; so is one that has an
 * address of its own in each generation, and proves itself there.
 */
export function listensToo(start: StartProbe): StartProbe {
  return (candidate, verdict): Probe => {
    const given = candidate.expected.filter((socket) => socket.given);
    const missing = new Map(given.map((socket) => [socket.id, socket.text]));
    let isNode = false;
    let proven = false;
    const conclude = () => {
      if (!proven) return;
      if (!isNode || missing.size === 0) return verdict.ready();
      verdict.note(`it was ready, but never listened on ${[...missing.values()].join(', ')}`);
    };
    const inner = start(candidate, {
      note: verdict.note,
      ready() {
        proven = true;
        conclude();
      },
    });
    return probe({
      heard(message) {
        if (message.type === 'hello') isNode = true;
        if (message.type === 'listening') missing.delete(message.socket);
        inner.heard(message);
        conclude();
      },
      said: (message) => inner.said(message),
      notified: () => inner.notified(),
      stop: () => inner.stop(),
    });
  };
}
