// `fd`: a newline on the descriptor that READY_FD names, as s6 has it.
import { probe, type StartProbe } from './probe.js';

export const newlineFd: StartProbe = ({ readyPipe }, verdict) => {
  verdict.note('it never wrote a newline to $READY_FD');
  readyPipe?.on('data', (data: Buffer) => {
    if (data.includes('\n')) verdict.ready();
  });
  return probe({ stop: () => void readyPipe?.destroy() });
};
