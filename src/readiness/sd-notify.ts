// `notify`: the worker sends READY=1 to its own NOTIFY_SOCKET, see sd_notify(3).
import type { StartProbe } from './probe.js';

export const sdNotifyProbe: StartProbe = (_target, { ready, note }) => {
  note('it never sent READY=1 to $NOTIFY_SOCKET');
  return {
    onNotifyReady: ready,
    // The app called `ready()` of graceful-run/worker.
    onMessage: ({ type }) => type === 'ready' && ready(),
  };
};
