// Reads one HTTP/1.1 response with a content-length from the chunks of a connection, and compares it with
// what was expected. Strict: whatever it does not know is a problem, never ignored.

export interface Answer {
  /** Generation that answered, by the header `x-generation`; 0 without it. */
  readonly generation: number;
  /** Process that answered, by the header `x-pid`; 0 without it. */
  readonly pid: number;
  /** The server said `Connection: close`, or the framing is lost: nothing more on this connection. */
  readonly last: boolean;
  /** What is wrong with it; null when it is what was expected. */
  readonly problem: string | null;
}

const LONGEST_HEAD = 16_384;

export class ResponseReader {
  readonly #expected: Buffer;
  #head: Buffer = Buffer.alloc(0);
  #answer: Answer | null = null;
  #length = 0;
  #received = 0;

  /** Of a response whose body must be `expected`. */
  constructor(expected: Buffer) {
    this.#expected = expected;
  }

  /** At least one byte of the response has come. */
  get begun(): boolean {
    return this.#answer !== null || this.#head.length > 0;
  }

  get received(): string {
    return this.#answer ? `${this.#received} of ${this.#length} bytes` : 'a part of the head';
  }

  /** The answer once it is complete, else null. */
  push(chunk: Buffer): Answer | null {
    if (this.#answer) return this.#pushBody(this.#answer, chunk);
    const head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) {
      this.#head = head;
      return head.length > LONGEST_HEAD ? lost('endless head') : null;
    }
    const text = head.toString('latin1', 0, end + 2);
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1];
    if (length === undefined || !text.startsWith('HTTP/1.1 ')) {
      return lost(`not a response with a content-length: ${JSON.stringify(text.slice(0, 200))}`);
    }
    this.#length = Number(length);
    this.#answer = {
      generation: Number(/\r\nx-generation: (\d+)\r\n/i.exec(text)?.[1] ?? 0),
      pid: Number(/\r\nx-pid: (\d+)\r\n/i.exec(text)?.[1] ?? 0),
      last: /\r\nconnection: close\r\n/i.test(text),
      problem: this.#problemOf(text),
    };
    return this.#pushBody(this.#answer, head.subarray(end + 4));
  }

  #problemOf(head: string): string | null {
    if (!head.startsWith('HTTP/1.1 200 ')) return `status ${head.slice(9, 12)}`;
    if (this.#length === this.#expected.length) return null;
    return `body of ${this.#length} instead of ${this.#expected.length} bytes`;
  }

  #pushBody(answer: Answer, chunk: Buffer): Answer | null {
    const start = this.#received;
    this.#received += chunk.length;
    if (this.#received > this.#length) return lost('bytes behind the end of the response');
    if (answer.problem === null && chunk.length > 0) {
      const same = this.#expected.compare(chunk, 0, chunk.length, start, this.#received) === 0;
      if (!same) this.#answer = { ...answer, problem: `wrong body: ${this.#difference(chunk)}` };
    }
    return this.#received === this.#length ? this.#answer : null;
  }

  #difference(chunk: Buffer): string {
    const start = this.#received - chunk.length;
    const expected = this.#expected.subarray(start, this.#received);
    const at = chunk.findIndex((byte, i) => byte !== expected[i]);
    const show = (bytes: Buffer) => JSON.stringify(bytes.toString('latin1', at, at + 24));
    return `${show(chunk)} instead of ${show(expected)} at byte ${start + at}`;
  }
}

/** Nobody can know where the next response would begin. */
function lost(problem: string): Answer {
  return { generation: 0, pid: 0, last: true, problem };
}
