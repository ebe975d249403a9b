// Sends through a connected socket that systemd opened for this process: OpenFile=/run/systemd/notify:notify. The
// sender is this process itself, so that NotifyAccess=main is enough.
import { writeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { listenFds, NOTIFY_NAME } from './listen-fds.js';
import { type Descriptor, type Message, numberOf } from './message.js';
import { type Handle, internal, type PipeHandle } from './node-internals.js';
import type { Outcome, Transport } from './transport.js';

/**
 * Handles by descriptor, kept for the life of the process: a handle that is collected closes its descriptor. All
 * notifiers share them, because libuv polls a descriptor only once.
 */
const handles = new Map<number, PipeHandle>();

/** Null when no such descriptor was passed to this process. */
export function createFdTransport(env: NodeJS.ProcessEnv, pid: number): Transport | null {
  const passed = listenFds({ env, pid }).fds.find(
    // A UDP socket of that name does not lead to the service manager.
    ({ name, kind, address }) =>
      name === NOTIFY_NAME && kind === 'datagram' && !(address && 'port' in address),
  );
  if (!passed) return null;
  const { fd } = passed;
  // Opening the handle makes the descriptor non-blocking; Node has no other means for that. Where it is refused
  // (--permission), a manager that has not read hundreds of messages would block the process.
  const wrapped = wrap(fd);
  const pipe = typeof wrapped === 'string' ? null : wrapped;
  return {
    name: 'fd',
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

/** Sends a descriptor along (SCM_RIGHTS); libuv itself waits while the receiver is full. */
function pass(pipe: PipeHandle | null, { lines, fd }: Message): Outcome | Promise<Outcome> {
  const streams = internal('stream_wrap');
  if (fd === null || !pipe || !streams) return cannotPass(fd, 'this Node does not support it');
  const passed = handleOf(fd);
  if (typeof passed === 'string') return cannotPass(fd, passed);
  const request = new streams.WriteWrap();
  return new Promise((resolve) => {
    const complete = (status: number) =>
      resolve(status < 0 ? cannotPass(fd, getSystemErrorName(status)) : 'sent');
    request.oncomplete = complete;
    const status = pipe.writeUtf8String(request, lines.join('\n'), passed);
    if (status < 0) complete(status);
  });
}

function cannotPass(fd: Descriptor | null, why: string): Error {
  return new Error(`cannot pass descriptor ${fd === null ? '' : numberOf(fd)}: ${why}`);
}

/** The handle that libuv needs to send a descriptor; a string tells why there is none. */
function handleOf(fd: Descriptor): Handle | string {
  const classes = [
    internal('tcp_wrap')?.TCP,
    internal('pipe_wrap')?.Pipe,
    internal('udp_wrap')?.UDP,
  ];
  // Node would crash if it got anything else.
  const isHandle = classes.some((handleClass) => handleClass && fd instanceof handleClass);
  return isHandle ? (fd as Handle) : wrap(numberOf(fd));
}

function wrap(fd: number): PipeHandle | string {
  const known = handles.get(fd);
  if (known) return known;
  const pipes = internal('pipe_wrap');
  if (!pipes) return 'this Node does not support it';
  const handle = new pipes.Pipe(pipes.constants.IPC);
  const status = handle.open(fd) ?? 0;
  const problem = status < 0 ? getSystemErrorName(status) : null;
  if (problem === 'EEXIST') return 'Node works with it; give the handle instead of the number';
  if (problem !== null) return problem;
  handle.unref();
  handles.set(fd, handle);
  return handle;
}
