// `ipc`: the app calls `process.send('ready')`, or `ready()` of graceful-run/worker.
import { createProbe, type StartProbe } from './probe.js';

export const ipcProbe: StartProbe = (_target, callbacks) => {
  callbacks.note("it never said process.send('ready')");
  return createProbe({
    onAppMessage: (message) => message === 'ready' && callbacks.ready(),
    onMessage: (message) => message.type === 'ready' && callbacks.ready(),
  });
};
