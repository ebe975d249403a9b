// `fd`: the app writes a newline to the descriptor whose number is in READY_FD, the readiness protocol of s6
// (https://skarnet.org/software/s6/notifywhenup.html).
import type { StartProbe } from './probe.js';

export const readyFdProbe: StartProbe = ({ readyPipe }, { ready, note }) => {
  note('it never wrote a newline to $READY_FD');
  readyPipe?.on('data', (data: Buffer) => data.includes('\n') && ready());
  return { stop: () => void readyPipe?.destroy() };
};
