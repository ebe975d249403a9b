// What the ways to receive unix datagrams have in common; Node itself has none.

export type ServerTransport = 'ffi' | 'perl' | 'python3';

export interface Binder {
  /** Null until it is known which program does the work. */
  readonly transport: ServerTransport | null;
  /** Resolves, with how to undo it, when the socket is bound. The path is the caller's to remove. */
  bind(path: string, received: (datagram: Uint8Array) => void): Promise<() => void>;
  /** Why no socket at all can be bound, as far as that is known without an attempt. */
  unable(): Error | null;
  close(): Promise<void>;
}
