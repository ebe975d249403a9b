// A client that says exactly the bytes it is told and keeps all it hears: for what http.request hides.
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connectTo } from './client.js';
import { eventually } from './eventually.js';

export interface Conversation {
  readonly socket: Socket;
  say(text: string | Buffer): void;
  heard(): string;
  /** Waits until `what` was heard, counted from `after`; returns all that was heard from there on. */
  until(what: string | RegExp, after?: number): Promise<string>;
  /** How the server ended it, when it has: `end`, or the code of an error. */
  ended(): Promise<string>;
  hasEnded(): boolean;
}

export async function converse(t: TestContext, address: string): Promise<Conversation> {
  const socket = connect({ ...connectTo(address), allowHalfOpen: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return follow(t, socket);
}

/** The same over a connection that is there already, a TLS one for instance. */
export function follow(t: TestContext, socket: Socket): Conversation {
  let heard = '';
  let ending: string | null = null;
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    heard += text;
  });
  socket.on('end', () => {
    ending ??= 'end';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    ending ??= error.code ?? error.message;
  });
  t.after(() => socket.destroy());
  const includes = (what: string | RegExp, text: string) =>
    typeof what === 'string' ? text.includes(what) : what.test(text);
  return {
    socket,
    say: (text) => void socket.write(text),
    heard: () => heard,
    async until(what, after = 0) {
      await eventually(
        `${what} from the server`,
        () => (ending === null ? heard.slice(after) : `${heard.slice(after)}[${ending}]`),
        (text) => {
          if (includes(what, heard.slice(after))) return true;
          if (ending !== null) throw new Error(`the server ended it (${ending}): ${text}`);
          return false;
        },
      );
      return heard.slice(after);
    },
    ended: () => eventually('the server ends the connection', () => ending) as Promise<string>,
    hasEnded: () => ending !== null,
  };
}

/** One request on it, and the answer, head and body. Needs a Content-Length in the answer. */
export async function exchange(
  { say, heard, until }: Conversation,
  path = '/',
  fields = '',
): Promise<string> {
  const before = heard().length;
  say(`GET ${path} HTTP/1.1\r\nHost: test\r\n${fields}\r\n`);
  const head = await until(/\r\n\r\n/, before);
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return until(new RegExp(`\\r\\n\\r\\n[^]{${length}}`), before);
}
