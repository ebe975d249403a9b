// `notify`: the worker sends READY=1 to its own NOTIFY_SOCKET, see sd_notify(3).
import { createProbe, type StartProbe } from './probe.js';

export const sdNotifyProbe: StartProbe = (_target, callbacks) => {
  callbacks.note('it never sent READY=1 to $NOTIFY_SOCKET');
  return createProbe({
    onNotifyReady: callbacks.ready,
    // The app called `ready()` of graceful-run/worker.
    onMessage: (message) => message.type === 'ready' && callbacks.ready(),
  });
};
