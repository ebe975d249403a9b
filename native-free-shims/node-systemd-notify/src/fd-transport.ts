// Through a connected socket that systemd opened for us: OpenFile=/run/systemd/notify:notify. The sender
// is this process itself, so that NotifyAccess=main is enough.
import { writeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { listenFds, NOTIFY_NAME } from './listen-fds.js';
import { type Descriptor, type Message, numberOf } from './message.js';
import { binding, type Handle, type PipeHandle } from './node-internals.js';
import { isInternet } from './proc-net.js';
import type { Outcome, Way } from './transport.js';

/**
 * Handles by their descriptor, for ever: a handle that is collected closes its number. One serves all
 * notifiers, since libuv polls a number once only.
 */
const handles = new Map<number, PipeHandle>();

/** Null when no such descriptor was passed to this process. */
export function fdWay(env: NodeJS.ProcessEnv, pid: number): Way | null {
  const { fds } = listenFds({ env, pid });
  const fd = fds.find(({ name, kind }) => name === NOTIFY_NAME && kind === 'datagram')?.fd;
  // A UDP socket of that name leads nowhere.
  if (fd === undefined || isInternet(fd)) return null;
  // Opening makes it non-blocking, which Node has no other means for. Without (--permission), a manager
  // that has not read hundreds of messages would hold up the process.
  const wrapped = wrap(fd);
  const pipe = typeof wrapped === 'string' ? null : wrapped;
  return {
    transport: 'fd',
    passesFds: pipe !== null,
    deliver: (message) => (message.fd === null ? write(fd, message) : pass(pipe, message)),
  };
}

function write(fd: number, { lines }: Message): Outcome {
  try {
    writeSync(fd, lines.join('\n'));
    return 'sent';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'ENOBUFS') return 'full';
    return new Error(`cannot notify: write to descriptor ${fd}: ${code}`, { cause: error });
  }
}

/** As SCM_RIGHTS; libuv waits by itself when the receiver is full. */
function pass(pipe: PipeHandle | null, { lines, fd }: Message): Outcome | Promise<Outcome> {
  const streams = binding('stream_wrap');
  if (fd === null || !pipe || !streams) return cannotPass(fd, 'no means to do so');
  const passed = handleOf(fd);
  if (typeof passed === 'string') return cannotPass(fd, passed);
  const request = new streams.WriteWrap();
  return new Promise((resolve) => {
    const settle = (status: number) =>
      resolve(status < 0 ? cannotPass(fd, getSystemErrorName(status)) : 'sent');
    request.oncomplete = settle;
    const status = pipe.writeUtf8String(request, lines.join('\n'), passed);
    if (status < 0) settle(status);
  });
}

function cannotPass(fd: Descriptor | null, why: string): Error {
  return new Error(`cannot pass descriptor ${fd === null ? '' : numberOf(fd)}: ${why}`);
}

/** libuv sends what is in a handle. A string tells why there is none. */
function handleOf(fd: Descriptor): Handle | string {
  const classes = [binding('tcp_wrap')?.TCP, binding('pipe_wrap')?.Pipe, binding('udp_wrap')?.UDP];
  // Nothing else may be given to it: Node would crash.
  const ready = classes.some((one) => one && fd instanceof one);
  return ready ? (fd as Handle) : wrap(numberOf(fd));
}

function wrap(fd: number): PipeHandle | string {
  const known = handles.get(fd);
  if (known) return known;
  const pipes = binding('pipe_wrap');
  if (!pipes) return 'no means to do so';
  const handle = new pipes.Pipe(pipes.constants.IPC);
  const name = problemIn(handle.open(fd) ?? 0);
  if (name === 'EEXIST') return 'Node works with it; give the handle instead of the number';
  if (name !== null) return name;
  handle.unref();
  handles.set(fd, handle);
  return handle;
}

const problemIn = (status: number) => (status < 0 ? getSystemErrorName(status) : null);
