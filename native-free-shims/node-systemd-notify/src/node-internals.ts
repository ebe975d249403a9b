// Parts of Node that have no public name. All are looked up late and may be missing: `process.binding`
// (DEP0111, documentation only; refused under --permission) and the experimental node:ffi. Looking them
// up is not the business of whoever runs the program, so that the one warning about it is not shown.

export interface Handle {
  readonly fd: number;
  open(fd: number): number | undefined;
  close(callback?: () => void): void;
  ref(): void;
  unref(): void;
}

export interface UdpHandle extends Handle {
  onmessage: (nread: number, handle: unknown, buffer: Uint8Array | undefined) => void;
  recvStart(): number;
}

export interface PipeHandle extends Handle {
  writeUtf8String(request: object, text: string, handle: Handle): number;
}

export interface WriteRequest {
  oncomplete: (status: number) => void;
}

interface Bindings {
  udp_wrap: { UDP: new () => UdpHandle };
  pipe_wrap: {
    Pipe: new (type: number) => PipeHandle;
    constants: { SOCKET: number; IPC: number };
  };
  tcp_wrap: { TCP: new (type: number) => Handle };
  stream_wrap: { WriteWrap: new () => WriteRequest };
}

/** Null when this Node does not give it away. */
export function binding<K extends keyof Bindings>(name: K): Bindings[K] | null {
  const { binding: look } = process as unknown as { binding?: (name: K) => Bindings[K] };
  try {
    return quietly('DEP0111', () => look?.call(process, name) ?? null);
  } catch {
    return null;
  }
}

/** A module that only some versions have, or null. */
export function builtin(name: string): unknown {
  try {
    return quietly('ExperimentalWarning', () => process.getBuiltinModule?.(name) ?? null);
  } catch {
    return null;
  }
}

/** Swallows warnings whose type or code is `which` as long as `act` runs, which is synchronous. */
function quietly<T>(which: string, act: () => T): T {
  const original = process.emitWarning;
  process.emitWarning = function filtered(this: unknown, ...args: unknown[]): void {
    if (!args.slice(1).includes(which)) Reflect.apply(original, this, args);
  } as typeof process.emitWarning;
  try {
    return act();
  } finally {
    process.emitWarning = original;
  }
}
