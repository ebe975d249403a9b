// `ipc`: the app calls `process.send('ready')`, or `ready()` of graceful-run/worker.
import type { StartProbe } from './probe.js';

export const ipcProbe: StartProbe = (_target, { ready, note }) => {
  note("it never said process.send('ready')");
  return {
    onAppMessage: (message) => message === 'ready' && ready(),
    onMessage: ({ type }) => type === 'ready' && ready(),
  };
};
