// `notify`: READY=1 on the worker's own NOTIFY_SOCKET, by sd_notify(3).
import { probe, type StartProbe } from './probe.js';

export const notify: StartProbe = (_candidate, verdict) => {
  verdict.note('it never sent READY=1 to $NOTIFY_SOCKET');
  return probe({
    notified: () => verdict.ready(),
    // `ready()` of graceful-run/worker.
    heard: (message) => message.type === 'ready' && verdict.ready(),
  });
};
