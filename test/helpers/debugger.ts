// A debugger, as small as it can be: Chrome's protocol over a WebSocket of our own, for Node 20 has none.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { get } from './client.js';
import { eventually } from './eventually.js';

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

export interface Debugger {
  send(method: string, params?: object): Promise<Reply>;
  /** The value of an expression in the process that is debugged. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits for an event. */
  event(method: string): Promise<void>;
  /** Resolves when the other side has closed the connection. */
  closed: Promise<void>;
}

/** Pid of the process whose debugger answers there. */
export async function debuggedPid(t: TestContext, port: number): Promise<number> {
  const client = await attach(t, port);
  return (await client.evaluate('process.pid')) as number;
}

/** It never says goodbye by itself, and answers no goodbye. */
export async function attach(t: TestContext, port: number): Promise<Debugger> {
  const [target] = JSON.parse(await get(`127.0.0.1:${port}`, '/json/list'));
  const { pathname, host } = new URL(target.webSocketDebuggerUrl);
  // What a debugger is told must lead it here again.
  assert.equal(host, `127.0.0.1:${port}`);
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  const handshake = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
  const lines = [...handshake, `Host: ${host}`, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
  socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  // Node throws away what comes together with the handshake.
  const [greeting] = (await once(socket, 'data')) as [Buffer];
  assert.match(greeting.toString(), /^HTTP\/1\.1 101 .*\r\n\r\n$/s);

  const replies = new Map<number, (reply: Reply) => void>();
  const seen = new Set<string>();
  let rest = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (let frame = frameOf(rest); frame; frame = frameOf(rest)) {
      rest = rest.subarray(frame.end);
      if (frame.text === null) continue;
      const reply = JSON.parse(frame.text) as Reply;
      if (reply.method !== undefined) seen.add(reply.method);
      if (reply.id !== undefined) replies.get(reply.id)?.(reply);
    }
  });

  function send(method: string, params: object = {}): Promise<Reply> {
    const id = replies.size + 1;
    socket.write(textFrame(JSON.stringify({ id, method, params })));
    return new Promise((resolve, reject) => {
      replies.set(id, resolve);
      void closed.then(() => reject(new Error(`the debugger was cut off: ${method}`)));
    });
  }

  return {
    send,
    closed,
    evaluate: async (expression) =>
      (await send('Runtime.evaluate', { expression })).result?.result?.value,
    event: async (method) => void (await eventually(method, () => seen.has(method))),
  };
}

/** RFC 6455, 5.2. Of a client it is masked; with zeros it stays as it is. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 0x80 | 126, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** The first frame, when all of it is there; the text is null of one that is no text. */
function frameOf(bytes: Buffer): { text: string | null; end: number } | null {
  const [head = 0, short = 0] = bytes;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return null;
  const length = start === 2 ? short : bytes.readUIntBE(start === 4 ? 2 : 4, start === 4 ? 2 : 6);
  const end = start + length;
  if (bytes.length < end) return null;
  return { text: (head & 0x0f) === 1 ? bytes.toString('utf8', start, end) : null, end };
}
