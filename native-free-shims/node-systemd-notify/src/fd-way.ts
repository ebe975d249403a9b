// Through a connected socket that systemd opened for us: OpenFile=/run/systemd/notify:notify. The sender
// is this process itself, so that NotifyAccess=main is enough.
import { writeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { binding, type Handle, type PipeHandle } from './bindings.js';
import { listenFds, NOTIFY_NAME } from './listen-fds.js';
import type { Message } from './message.js';
import type { Outcome, Way } from './way.js';

/**
 * Handles by their descriptor, for ever: a handle that is collected closes its number. One serves all
 * notifiers, since libuv polls a number once only.
 */
const handles = new Map<number, PipeHandle>();

/** Null when no such descriptor was passed to this process. */
export function fdWay(env: NodeJS.ProcessEnv, pid: number): Way | null {
  const { fds } = listenFds({ env, pid });
  const fd = fds.find(({ name, kind }) => name === NOTIFY_NAME && kind === 'datagram')?.fd;
  if (fd === undefined) return null;
  // Opening makes it non-blocking, which Node has no other means for. Without (--permission), a manager
  // that has not read hundreds of messages would hold up the process.
  const pipe = wrap(fd);
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
  const passed = fd === null ? null : wrap(fd);
  const streams = binding('stream_wrap');
  if (!pipe || !passed || !streams) return new Error('cannot notify: no means to pass descriptors');
  const request = new streams.WriteWrap();
  return new Promise((resolve) => {
    const settle = (status: number) =>
      resolve(
        status < 0
          ? new Error(`cannot pass descriptor ${fd}: ${getSystemErrorName(status)}`)
          : 'sent',
      );
    request.oncomplete = settle;
    const status = pipe.writeUtf8String(request, lines.join('\n'), passed as Handle);
    if (status < 0) settle(status);
  });
}

function wrap(fd: number): PipeHandle | null {
  const known = handles.get(fd);
  if (known) return known;
  const pipes = binding('pipe_wrap');
  if (!pipes) return null;
  const handle = new pipes.Pipe(pipes.constants.IPC);
  handles.set(fd, handle);
  if ((handle.open(fd) ?? 0) < 0) return null;
  handle.unref();
  return handle;
}
