// `after:<time>`: the worker is ready when it is still alive after this time. It proves nothing else.
import type { StartProbe } from './probe.js';

export function delayProbe(ms: number): StartProbe {
  return (_target, { ready }) => {
    const timer = setTimeout(ready, ms);
    return { stop: () => clearTimeout(timer) };
  };
}
