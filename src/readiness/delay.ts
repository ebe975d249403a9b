// `after:<time>`: it is still alive after so long. No proof of anything; for those who ask for it by name.
import { probe, type StartProbe } from './probe.js';

export function after(ms: number): StartProbe {
  return (_candidate, verdict) => {
    const timer = setTimeout(() => verdict.ready(), ms);
    return probe({ stop: () => clearTimeout(timer) });
  };
}
