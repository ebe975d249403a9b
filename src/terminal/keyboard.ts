// The terminal as a source of keys: raw mode while this job is in the foreground, and only then.
//
// A job in the background that sets modes or reads is sent SIGTTOU or SIGTTIN. With a handler for those, the kernel and
// libuv try again for ever and burn a CPU, so nobody may handle them while there is a keyboard. Each time the terminal is
// taken a new stream is made: libuv sets the modes back at exit, from the background too, as long as it knows one.
//
// SIGKILL cannot be handled. bash then sets its modes itself when it has its terminal back (seen with 5.2); behind
// a program that ends by itself, as npm does, they may stay raw, and `stty sane` helps.
import { ReadStream } from 'node:tty';
import { forgetTerminal, type Place, standardTerminals } from './foreground.js';

/** How often a job in the background looks whether it still is: bash does not tell one that runs already. Milliseconds. */
const LOOK_AGAIN = 500;

export interface KeyboardListener {
  pressed(bytes: Uint8Array): void;
  /** The terminal was closed; said once. */
  gone(): void;
  /** About to be stopped; keys are read no more afterwards. */
  suspending(): void;
  /** In the foreground again, with keys. */
  resumed(): void;
}

export interface Keyboard {
  isOpen(): boolean;
  /** Stops the whole job, as Ctrl-Z does where no program reads keys. */
  suspend(): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Reads keys from `fd`, a terminal, from now on or as soon as this job is in the foreground. */
export function openKeyboard(fd: number, place: () => Place, listener: KeyboardListener): Keyboard {
  // A terminal that is not the one of the session knows no jobs.
  const knowsJobs = place() !== 'no terminal';
  const terminals = standardTerminals();
  let stream: ReadStream | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const mayUse = () => !knowsJobs || place() === 'foreground';

  function take(): boolean {
    if (timer) clearTimeout(timer);
    timer = null;
    if (closed || stream) return false;
    if (knowsJobs && place() === 'no terminal') return lost();
    if (!mayUse()) {
      timer = setTimeout(resume, LOOK_AGAIN).unref();
      return false;
    }
    try {
      stream = new ReadStream(fd);
    } catch {
      return lost();
    }
    stream.on('error', lost).on('end', lost).on('data', listener.pressed).setRawMode(true);
    return stream !== null;
  }

  function release(): void {
    const present = stream;
    stream = null;
    if (!present) return;
    present
      .off('data', listener.pressed)
      .off('end', lost)
      .off('error', lost)
      .on('error', () => {});
    // In the background it is for another program to say what the modes are.
    if (mayUse()) present.setRawMode(false);
    present.destroy();
  }

  /** EIO and the end: hung up. */
  function lost(): false {
    const first = !closed;
    close();
    if (first) {
      forgetTerminal(terminals);
      listener.gone();
    }
    return false;
  }

  function resume(): void {
    if (take()) listener.resumed();
  }

  function stop(target: number): void {
    listener.suspending();
    release();
    process.off('SIGTSTP', onStop).off('SIGCONT', onContinue);
    // Returns when we go on; at once if nobody could wake us: the kernel does not stop an orphaned process group.
    process.kill(target, 'SIGTSTP');
    process.on('SIGTSTP', onStop).on('SIGCONT', onContinue);
    resume();
  }

  const onStop = () => stop(process.pid);
  /** After a SIGSTOP: whoever had the terminal meanwhile has left modes of its own. */
  const onContinue = () => {
    release();
    resume();
  };
  const onHangup = () => {
    if (knowsJobs && place() === 'no terminal') lost();
  };

  function close(): void {
    closed = true;
    if (timer) clearTimeout(timer);
    release();
    process.off('SIGTSTP', onStop).off('SIGCONT', onContinue).off('SIGHUP', onHangup);
    process.off('exit', release);
  }

  process.on('SIGTSTP', onStop).on('SIGCONT', onContinue).on('SIGHUP', onHangup);
  process.on('exit', release);
  take();
  return { isOpen: () => stream !== null, suspend: () => stop(0), close };
}
