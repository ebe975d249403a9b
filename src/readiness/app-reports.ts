// The methods by which an app itself says that it is ready. `ready()` of graceful-run/worker does so for each of them.
import type { StartProbe } from './probe.js';

/** `ipc`: the app calls `process.send('ready')`. */
export const ipcProbe: StartProbe = (_target, { ready, note }) => {
  note("it never said process.send('ready')");
  return {
    onAppMessage: (message) => message === 'ready' && ready(),
    onMessage: ({ type }) => type === 'ready' && ready(),
  };
};

/** `notify`: the worker sends READY=1 to its own NOTIFY_SOCKET, see sd_notify(3). */
export const sdNotifyProbe: StartProbe = (_target, { ready, note }) => {
  note('it never sent READY=1 to $NOTIFY_SOCKET');
  return { onNotifyReady: ready, onMessage: ({ type }) => type === 'ready' && ready() };
};

/**
 * `fd`: the app writes a newline to the descriptor whose number is in READY_FD, the readiness protocol of s6
 * (https://skarnet.org/software/s6/notifywhenup.html).
 */
export const readyFdProbe: StartProbe = ({ readyPipe }, { ready, note }) => {
  note('it never wrote a newline to $READY_FD');
  readyPipe?.on('data', (data: Buffer) => data.includes('\n') && ready());
  return { stop: () => void readyPipe?.destroy() };
};
