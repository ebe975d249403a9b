// Chooses the readiness method.
import { ipcProbe, readyFdProbe, sdNotifyProbe } from './app-reports.js';
import { autoProbe } from './auto.js';
import { delayProbe } from './delay.js';
import { httpProbe } from './http.js';
import type { StartProbe } from './probe.js';
import { requireListening } from './require-listening.js';

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
