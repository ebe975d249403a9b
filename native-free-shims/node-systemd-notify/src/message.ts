// The wire format of sd_notify(3): lines of KEY=VALUE in one datagram. Pure.

/** `STATUS` and the like as keys, without `=`; values become one line of text each. */
export type Fields = Readonly<Record<string, string | number>>;

/** What is sent as one datagram. */
export interface Message {
  /** `KEY=VALUE` each, sanitised. */
  readonly lines: readonly string[];
  /** A descriptor that travels with it (FDSTORE=1), or null. */
  readonly fd: Descriptor | null;
}

/** Its number, or the object of Node that holds it. */
export type Descriptor = number | { readonly fd: number };

export const numberOf = (one: Descriptor): number => (typeof one === 'number' ? one : one.fd);

/** NOTIFY_BUFFER_MAX of systemd (PIPE_BUF): it drops a longer datagram whole. */
const LONGEST = 4096;
const ELLIPSIS = '…';

/** The message, or what is wrong with the fields. A STATUS that does not fit is cut, nothing else is. */
export function compose(fields: Fields, fd: Descriptor | null = null): Message | Error {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
      return new Error(`cannot notify: ${JSON.stringify(key)} is no name of a field`);
    }
    lines.push(`${key}=${oneLine(String(value))}`);
  }
  if (lines.length === 0) return new Error('cannot notify: no field given');
  const over = Buffer.byteLength(lines.join('\n')) - LONGEST;
  if (over <= 0) return { lines, fd };
  const status = lines.findIndex((line) => line.startsWith('STATUS='));
  const shorter = cut(lines[status] ?? '', over);
  if (shorter === null) {
    return new Error(
      `cannot notify: ${LONGEST + over} bytes, more than systemd takes (${LONGEST})`,
    );
  }
  return { lines: lines.with(status, shorter), fd };
}

/** A newline would begin another field, a NUL makes systemd drop the datagram. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ');
}

/** Without its last `bytes` bytes or a few more, but for an ellipsis; null if it is not that long. */
function cut(line: string, bytes: number): string | null {
  const all = Buffer.from(line);
  let end = all.length - bytes - Buffer.byteLength(ELLIPSIS);
  // Not within a character: UTF-8 continues with 10xxxxxx.
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end < 'STATUS='.length ? null : all.toString('utf8', 0, end) + ELLIPSIS;
}

/** True when a later message of the same kind makes this one superfluous. */
export function isPassing({ lines, fd }: Message): boolean {
  return fd === null && lines.every((line) => line === 'WATCHDOG=1' || line.startsWith('STATUS='));
}

/** Both in one; for a key that both have, the later value. */
export function merge(earlier: Message, later: Message): Message {
  const byKey = new Map([...earlier.lines, ...later.lines].map((line) => [keyOf(line), line]));
  return { lines: [...byKey.values()], fd: null };
}

const keyOf = (line: string) => line.slice(0, line.indexOf('='));

/** Reads any datagram: lines without `=` are skipped, of a repeated key the last one counts. */
export function parse(datagram: Uint8Array): Map<string, string> {
  const text = new TextDecoder().decode(datagram).replace(/\0+$/, '');
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) fields.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return fields;
}
