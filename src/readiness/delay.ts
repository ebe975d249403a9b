// `after:<time>`: the worker is ready when it is still alive after this time. It proves nothing else.
import { createProbe, type StartProbe } from './probe.js';

export function delayProbe(ms: number): StartProbe {
  return (_target, callbacks) => {
    const timer = setTimeout(callbacks.ready, ms);
    return createProbe({ stop: () => clearTimeout(timer) });
  };
}
