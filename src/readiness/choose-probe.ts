// Chooses the readiness method, and adds the requirement that a Node worker listens on the sockets it was given.
import { ipcProbe, readyFdProbe, sdNotifyProbe } from './app-reports.js';
import { autoProbe } from './auto.js';
import { delayProbe } from './delay.js';
import { httpProbe } from './http.js';
import type { StartProbe } from './probe.js';

/** The value of `--ready`. */
export type Ready =
  | { readonly how: 'auto' }
  | { readonly how: 'notify' }
  | { readonly how: 'ipc' }
  | { readonly how: 'fd' }
  /** `url` and `socketPath` may contain `{{generation}}` and `{{worker}}`. */
  | { readonly how: 'http'; readonly url: string; readonly socketPath?: string }
  | { readonly how: 'after'; readonly ms: number };

/** The function that starts a probe for each new worker, as `--ready` asks for it. */
export function chooseProbe(ready: Ready): StartProbe {
  return requireListening(methodOf(ready));
}

function methodOf(ready: Ready): StartProbe {
  switch (ready.how) {
    case 'auto':
      return autoProbe;
    case 'notify':
      return sdNotifyProbe;
    case 'ipc':
      return ipcProbe;
    case 'fd':
      return readyFdProbe;
    case 'http':
      return httpProbe(ready.url, ready.socketPath);
    case 'after':
      return delayProbe(ready.ms);
    default:
      return ready satisfies never;
  }
}

/**
 * `start`, which in addition waits until a Node worker listens on all given and inherited sockets. A program
 * without the preload cannot report what it listens on, so that `start` alone decides for it.
 */
function requireListening(start: StartProbe): StartProbe {
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
