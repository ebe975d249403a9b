// The lines that are typed at the terminal of `dev`. The modes of the terminal stay as they are: it edits the line, shows
// it, and turns Ctrl-C and Ctrl-Z into signals.
import { createInterface, type Interface } from 'node:readline';
import { jobState } from '../linux/job-state.js';

/** How often a job in the background checks whether it is in the foreground: `fg` sends no signal to a running job. */
const FOREGROUND_CHECK_MS = 500;

export interface TerminalLines {
  /** False while this process is in the background. */
  isReading(): boolean;
  close(): void;
}

/**
 * Calls `onLine` for each line of stdin, which must be a terminal, and `onEnd` once after Ctrl-D or when the terminal was
 * closed. In the background it reads nothing, as the kernel would stop this process; it continues in the foreground.
 */
export function readTerminalLines(
  onLine: (line: string) => void,
  onEnd: () => void,
): TerminalLines {
  let lines: Interface | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isReading = false;
  let isClosed = false;

  function update(): void {
    clearTimeout(timer);
    if (isClosed) return;
    isReading = jobState() !== 'background';
    if (!isReading) {
      lines?.pause();
      timer = setTimeout(update, FOREGROUND_CHECK_MS).unref();
    } else if (lines) lines.resume();
    else {
      // A terminal that was closed gives the end of the file, or EIO.
      process.stdin.on('error', end);
      lines = createInterface({ input: process.stdin }).on('line', onLine).on('close', end);
    }
  }

  /**
   * Stops reading before this process is stopped: a line that is typed after `bg` could otherwise be read before the SIGCONT
   * is handled, and the kernel would stop the process again.
   */
  function suspend(): void {
    lines?.pause();
    // A stream stops reading in the next tick.
    setImmediate(() => {
      process.off('SIGTSTP', suspend);
      process.kill(process.pid, 'SIGTSTP');
      // From here on it is continued, or was not stopped, as in a process group without a shell.
      if (isClosed) return;
      process.on('SIGTSTP', suspend);
      update();
    });
  }

  function end(): void {
    if (isClosed) return;
    close();
    onEnd();
  }

  function close(): void {
    isClosed = true;
    isReading = false;
    clearTimeout(timer);
    process.off('SIGCONT', update);
    process.off('SIGTSTP', suspend);
    lines?.close();
  }

  // After Ctrl-Z or SIGSTOP: `fg` and `bg` both send it.
  process.on('SIGCONT', update);
  process.on('SIGTSTP', suspend);
  update();
  return { isReading: () => isReading, close };
}
