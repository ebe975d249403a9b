// Notices that the terminal at which `dev` was started is closed: its window, usually. Then `dev` stops, also where it
// reads no commands from the terminal.
import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type JobState, jobState } from '../linux/job-state.js';

/** A shell that ends may send SIGHUP to its jobs before the terminal is gone. */
const CHECK_AGAIN_MS = 500;

export type TerminalWatch = ReturnType<typeof watchTerminal>;

/** `onClosed` is called once, when the terminal was closed. */
export function watchTerminal(
  onClosed: () => void,
  state: () => JobState = jobState,
  terminals: readonly number[] = [0, 1, 2].filter((fd) => isatty(fd)),
) {
  const first = state();
  // With `nohup ... > log &` it is meant to outlive the window.
  const isDetached = terminals.length === 0 && first === 'background';
  const hadTerminal = first !== 'no terminal' && !isDetached;
  let isClosed = false;

  function close(): true {
    if (!isClosed) {
      isClosed = true;
      terminals.forEach(replaceByNull);
      onClosed();
    }
    return true;
  }

  const check = () => hadTerminal && state() === 'no terminal' && close();
  return {
    /** Whether stdin, stdout or stderr is a terminal. */
    hasTerminal: terminals.length > 0,
    /** To be called for a SIGHUP: true if it only means that the terminal was closed. */
    onHangup(): boolean {
      if (isClosed || check()) return true;
      if (hadTerminal) setTimeout(check, CHECK_AGAIN_MS).unref();
      return false;
    },
    /** To be called when stdin, a terminal, has ended: true if the terminal was closed, false after Ctrl-D. */
    onEndOfInput: () => isClosed || (!isatty(0) && close()),
  };
}

/** Node restores the modes of the standard descriptors at exit, and aborts if a terminal that was closed refuses it. */
function replaceByNull(fd: number): void {
  closeSync(fd);
  let opened: number;
  // The kernel gives the lowest number that is free, which is `fd` unless a lower one was closed before.
  do opened = openSync('/dev/null', 'r+');
  while (opened !== fd);
}
