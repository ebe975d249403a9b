// How a worker proves that it serves: one file each, chosen here.

import { listening } from './auto.js';
import { after } from './delay.js';
import { httpProbe } from './http.js';
import { ipcMessage } from './ipc.js';
import type { StartProbe } from './probe.js';
import { newlineFd } from './ready-fd.js';
import { listensToo } from './require-listening.js';
import { notify } from './sd-notify.js';

/** The choice that `--ready` makes. */
export type Ready =
  | { readonly how: 'auto' }
  | { readonly how: 'notify' }
  | { readonly how: 'ipc' }
  | { readonly how: 'fd' }
  /** `url` and `socketPath` may hold `{{generation}}` and `{{worker}}`. */
  | { readonly how: 'http'; readonly url: string; readonly socketPath?: string }
  | { readonly how: 'after'; readonly ms: number };

export function probeFor(ready: Ready): StartProbe {
  return listensToo(proofOf(ready));
}

function proofOf(ready: Ready): StartProbe {
  switch (ready.how) {
    case 'auto':
      return listening;
    case 'notify':
      return notify;
    case 'ipc':
      return ipcMessage;
    case 'fd':
      return newlineFd;
    case 'http':
      return httpProbe(ready.url, ready.socketPath);
    case 'after':
      return after(ready.ms);
    default:
      return ready satisfies never;
  }
}
