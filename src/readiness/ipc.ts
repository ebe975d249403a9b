// `ipc`: the app says `process.send('ready')`, or calls `ready()` of graceful-run/worker.
import { probe, type StartProbe } from './probe.js';

export const ipcMessage: StartProbe = (_candidate, verdict) => {
  verdict.note("it never said process.send('ready')");
  return probe({
    said: (message) => message === 'ready' && verdict.ready(),
    heard: (message) => message.type === 'ready' && verdict.ready(),
  });
};
