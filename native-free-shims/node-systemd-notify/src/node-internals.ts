// The only file that uses parts of Node without a public name: `process.binding` (DEP0111, deprecated in the
// documentation only). It may be missing, and is refused under --permission.

export interface Handle {
  readonly fd: number;
  open(fd: number): number | undefined;
  unref(): void;
}

export interface PipeHandle extends Handle {
  writeUtf8String(request: object, text: string, handle: Handle): number;
}

interface WriteRequest {
  oncomplete: (status: number) => void;
}

interface NodeInternals {
  udp_wrap: { UDP: new () => Handle };
  pipe_wrap: {
    Pipe: new (type: number) => PipeHandle;
    constants: { SOCKET: number; IPC: number };
  };
  tcp_wrap: { TCP: new (type: number) => Handle };
  stream_wrap: { WriteWrap: new () => WriteRequest };
}

/** Null when this Node does not provide it. The user is not responsible for its warning, which is not shown. */
export function internal<K extends keyof NodeInternals>(name: K): NodeInternals[K] | null {
  // `@types/node` does not declare it.
  const { binding } = process as unknown as { binding?: (name: K) => NodeInternals[K] };
  const { emitWarning } = process;
  process.emitWarning = function filtered(this: unknown, ...args: unknown[]): void {
    if (!args.includes('DEP0111')) Reflect.apply(emitWarning, this, args);
  } as typeof process.emitWarning;
  try {
    return binding?.call(process, name) ?? null;
  } catch {
    return null;
  } finally {
    process.emitWarning = emitWarning;
  }
}
