// One connection of a load client: it sends one request after the other, none twice, and names each failure. It
// uses the socket itself, because `http.request` takes more time than the server under test.
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { type Answer, ResponseReader } from './response.js';

/** Where to connect to, as `net.connect` takes it; `secure`: over TLS, whatever certificate the server shows. */
export type Endpoint = (
  | { readonly host: string; readonly port: number }
  | { readonly path: string }
) & { readonly secure?: boolean };

export const FAILURE_KINDS = [
  'refused',
  'reset on a new connection',
  'reset on a reused connection',
  'timeout',
  'truncated',
  'wrong answer',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** A request that was not answered as it should have been. */
export class LoadFailure extends Error {
  readonly kind: FailureKind;
  constructor(kind: FailureKind, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

/** The client itself has run out of ports or descriptors: no fault of the server. */
export class ClientLimit extends Error {}

const CLIENT_LIMITS = ['EADDRNOTAVAIL', 'EMFILE', 'ENFILE'];

export interface Exchange {
  /** The bytes of the request, written with `pauseMs` milliseconds between the parts. */
  readonly parts: readonly Buffer[];
  readonly pauseMs: number;
  /** The body that the response must have. */
  readonly expected: Buffer;
}

/** Why a connection is gone that the server ended in order, between two requests. */
const CLOSED = 'closed by the server';

interface Waiting {
  resolve(answer: Answer): void;
  reject(failure: LoadFailure | ClientLimit): void;
}

export class Connection {
  readonly #socket: Socket;
  #reader: ResponseReader | null = null;
  #waiting: Waiting | null = null;
  #lastAnswer: Answer | null = null;
  #connected = false;
  #answers = 0;
  #answeredAt = 0;
  #servedBy = 0;
  #gone: string | null = null;

  /** `limitMs`: silence of the server for so long, while it owes something, is a timeout. */
  constructor(endpoint: Endpoint, limitMs: number) {
    this.#socket = endpoint.secure
      ? connectSecurely({ ...endpoint, rejectUnauthorized: false })
      : connect(endpoint);
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(limitMs, () => this.#fail('timeout', `silent for ${limitMs} ms`));
    this.#socket.on('connect', () => {
      this.#connected = true;
    });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('error', (error) => this.#broke((error as NodeJS.ErrnoException).code ?? ''));
  }

  /**
   * Sends the request and resolves with the answer; after the last one of a connection not before the
   * server has closed it in order: a reset there can take the answer from a slower client. Rejects with
   * LoadFailure, or with ClientLimit when there was no connection to be had.
   */
  exchange({ parts, pauseMs, expected }: Exchange): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#reader = new ResponseReader(expected);
      this.#waiting = { resolve, reject };
      if (this.#gone !== null) return this.#reset(`${this.#gone}, while it was idle`);
      this.#write(parts, pauseMs);
    });
  }

  /** Why nothing can be asked on it any more; null while it stands. */
  get gone(): string | null {
    return this.#gone;
  }

  /** When the last answer was complete, by performance.now(): `exchange` may resolve later. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /** Pid of the process that gave the last answer; 0 before one. */
  get servedBy(): number {
    return this.#servedBy;
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #write(parts: readonly Buffer[], pauseMs: number): void {
    const [part, ...rest] = parts;
    if (!part || this.#socket.destroyed) return;
    this.#socket.write(part);
    if (rest.length > 0) setTimeout(() => this.#write(rest, pauseMs), pauseMs);
  }

  #read(chunk: Buffer): void {
    if (!this.#reader || !this.#waiting || this.#lastAnswer) {
      return this.#fail('wrong answer', `${chunk.length} bytes that nobody asked for`);
    }
    const answer = this.#reader.push(chunk);
    if (!answer) return;
    this.#answers += 1;
    this.#answeredAt = performance.now();
    this.#servedBy = answer.pid;
    if (answer.problem !== null) return this.#fail('wrong answer', answer.problem);
    if (answer.last) this.#lastAnswer = answer;
    else this.#settle()?.resolve(answer);
  }

  #ended(): void {
    this.#gone = CLOSED;
    if (!this.#waiting) return;
    if (this.#lastAnswer) {
      this.#settle()?.resolve(this.#lastAnswer);
      this.#socket.destroy();
    } else this.#reset(CLOSED);
  }

  #broke(code: string): void {
    this.#gone = code;
    if (CLIENT_LIMITS.includes(code)) {
      this.#settle()?.reject(new ClientLimit(`the client cannot connect: ${code}`));
      return;
    }
    if (!this.#connected) return this.#fail('refused', code);
    if (this.#waiting) this.#reset(this.#lastAnswer ? `${code} after the last answer` : code);
  }

  #reset(detail: string): void {
    if (this.#reader?.begun && !this.#lastAnswer) {
      return this.#fail('truncated', `${detail} after ${this.#reader.received}`);
    }
    const reused = this.#answers - (this.#lastAnswer ? 1 : 0) > 0;
    this.#fail(reused ? 'reset on a reused connection' : 'reset on a new connection', detail);
  }

  #fail(kind: FailureKind, detail: string): void {
    const waiting = this.#settle();
    if (!waiting) {
      // Silence is in order when nothing is owed; anything else is told at the next request.
      if (kind !== 'timeout') this.#gone ??= detail;
      return;
    }
    this.#socket.destroy();
    waiting.reject(
      new LoadFailure(kind, `${detail}; answer ${this.#answers + 1} of its connection`),
    );
  }

  #settle(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}
