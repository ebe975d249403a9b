// Adds a requirement to every readiness method: a Node worker must also listen on the sockets it was given.
import type { StartProbe } from './probe.js';

/**
 * `start`, which in addition waits until a Node worker listens on all given and inherited sockets. A program
 * without the preload cannot report what it listens on, so that `start` alone decides for it.
 */
export function requireListening(start: StartProbe): StartProbe {
  return (target, { ready, note }) => {
    const given = target.expected.filter((socket) => socket.given);
    const missing = new Map(given.map((socket) => [socket.id, socket.text]));
    let isNode = false;
    let proven = false;
    const check = () => {
      if (!proven) return;
      if (!isNode || missing.size === 0) return ready();
      note(`it was ready, but never listened on ${[...missing.values()].join(', ')}`);
    };
    const onProof = () => {
      proven = true;
      check();
    };
    const inner = start(target, { note, ready: onProof });
    return {
      ...inner,
      onMessage(message) {
        if (message.type === 'started') isNode = true;
        if (message.type === 'listening') missing.delete(message.socket);
        inner.onMessage?.(message);
        check();
      },
    };
  };
}
