// The terminal as a source of keys: raw mode while this job is in the foreground, and only then.
//
// A job in the background that sets modes or reads is sent SIGTTOU or SIGTTIN. With a handler for those, the kernel and
// libuv try again for ever and burn a CPU, so nobody may handle them while there is a keyboard. For each time in the
// foreground a new stream is made, as libuv sets the modes back at exit, from the background too, while it knows one.
// Since 1.49 it also does so when it closes one: a stream that is left in the background waits to be closed.
//
// SIGKILL cannot be handled. bash then sets its modes itself when it has its terminal back (seen with 5.2); behind
// a program that ends by itself, as npm does, they may stay raw, and `stty sane` helps.
import type { SocketConstructorOpts } from 'node:net';
import { ReadStream } from 'node:tty';
import { isOrphan, type Place, replace } from './foreground.js';

/** How often a job in the background looks whether it still is: bash does not tell one that runs already. Milliseconds. */
const LOOK_AGAIN = 500;
const CHUNK = 4096;

export interface KeyboardListener {
  pressed(bytes: Uint8Array): void;
  /** The terminal was closed; said once. */
  gone(): void;
  /** About to be stopped, when this resolves; keys are read no more afterwards. */
  suspending(): Promise<void>;
  /** Not stopped, for nobody could wake it. */
  stays(): void;
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
  let stream: ReadStream | null = null;
  /** One that could not be closed, as another job had the terminal. */
  let left: ReadStream | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let stopping = false;

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
    if (left) end(left);
    left = null;
    try {
      const onread = { buffer: Buffer.alloc(CHUNK), callback: received };
      stream = new ReadStream(fd, { onread } as SocketConstructorOpts);
    } catch {
      return lost();
    }
    stream.on('error', lost).on('end', lost).setRawMode(true);
    stream?.resume();
    return stream !== null;
  }

  function received(length: number, buffer: Uint8Array): boolean {
    if (stream) listener.pressed(buffer.subarray(0, length));
    return stream !== null;
  }

  function release(): void {
    const present = stream;
    stream = null;
    if (!present) return;
    present
      .off('end', lost)
      .off('error', lost)
      .on('error', () => {});
    if (mayUse()) return end(present);
    present.pause();
    left = present;
  }

  /** EIO and the end: hung up. */
  function lost(): false {
    const first = !closed;
    close();
    if (first) listener.gone();
    return false;
  }

  function resume(): void {
    if (take()) listener.resumed();
  }

  async function stop(target: number): Promise<void> {
    if (stopping) return;
    // The kernel would not stop it either.
    if (isOrphan()) return listener.stays();
    stopping = true;
    await listener.suspending();
    stopping = false;
    if (closed) return;
    release();
    process.off('SIGTSTP', onStop).off('SIGCONT', onContinue);
    // Returns when we go on; the SIGCONT that makes us is heard by nobody.
    process.kill(target, 'SIGTSTP');
    process.on('SIGTSTP', onStop).on('SIGCONT', onContinue);
    resume();
  }

  const onStop = () => void stop(process.pid);
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
  }

  /** At the end of the process libuv sets the modes back where it last set them, whoever has the terminal now. */
  function leave(): void {
    release();
    const descriptor = left && !mayUse() ? descriptorOf(left) : undefined;
    if (descriptor !== undefined) replace(descriptor);
  }

  process.on('SIGTSTP', onStop).on('SIGCONT', onContinue).on('SIGHUP', onHangup);
  process.on('exit', leave);
  take();
  return { isOpen: () => stream !== null, suspend: () => void stop(0), close };
}

function end(stream: ReadStream): void {
  stream.setRawMode(false);
  stream.destroy();
}

/** Its own one, not the one for which it was made; none once it is destroyed. */
function descriptorOf(stream: ReadStream): number | undefined {
  return (stream as unknown as { _handle: { fd: number } | null })._handle?.fd;
}
