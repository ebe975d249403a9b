// The wire format of sd_notify(3): lines of KEY=VALUE in one datagram.

/** Keys such as `STATUS`, without `=`. A value becomes one line of text. */
export type Fields = Readonly<Record<string, string | number>>;

/** One datagram. */
export interface Message {
  /** Each is `KEY=VALUE` without control characters. */
  readonly lines: readonly string[];
  /** A descriptor that is sent along (FDSTORE=1), or null. */
  readonly fd: Descriptor | null;
}

/** A number, or the handle of Node that has the descriptor open. */
export type Descriptor = number | { readonly fd: number };

export const numberOf = (descriptor: Descriptor): number =>
  typeof descriptor === 'number' ? descriptor : descriptor.fd;

/** NOTIFY_BUFFER_MAX of systemd (PIPE_BUF): it drops a longer datagram as a whole. */
const MAX_BYTES = 4096;
const ELLIPSIS = '…';

/** The message, or what is wrong with the fields. Of a message that is too long only STATUS is cut. */
export function compose(fields: Fields, fd: Descriptor | null = null): Message | Error {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
      return new Error(`cannot notify: ${JSON.stringify(key)} is not a field name`);
    }
    lines.push(`${key}=${oneLine(String(value))}`);
  }
  if (lines.length === 0) return new Error('cannot notify: no field given');
  const over = Buffer.byteLength(lines.join('\n')) - MAX_BYTES;
  if (over <= 0) return { lines, fd };
  const status = lines.findIndex((line) => line.startsWith('STATUS='));
  const shorter = cut(lines[status] ?? '', over);
  if (shorter === null) {
    const size = MAX_BYTES + over;
    return new Error(`cannot notify: ${size} bytes, more than systemd takes (${MAX_BYTES})`);
  }
  return { lines: lines.with(status, shorter), fd };
}

/** A newline would begin another field, and systemd drops a datagram with a NUL. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what it removes.
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ');
}

/** Cuts at least `bytes` bytes from the end and adds an ellipsis; null if the line is too short for that. */
function cut(line: string, bytes: number): string | null {
  const all = Buffer.from(line);
  let end = all.length - bytes - Buffer.byteLength(ELLIPSIS);
  // Not within a character: its further bytes in UTF-8 are 10xxxxxx.
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end < 'STATUS='.length ? null : all.toString('utf8', 0, end) + ELLIPSIS;
}

/** True when a later message of this kind replaces it: only STATUS and WATCHDOG=1. */
export function isReplaceable({ lines, fd }: Message): boolean {
  return fd === null && lines.every((line) => line === 'WATCHDOG=1' || line.startsWith('STATUS='));
}

/** Both messages in one; of a key in both, the later value. */
export function merge(earlier: Message, later: Message): Message {
  const byKey = new Map([...earlier.lines, ...later.lines].map((line) => [keyOf(line), line]));
  return { lines: [...byKey.values()], fd: null };
}

const keyOf = (line: string) => line.slice(0, line.indexOf('='));

/** The fields of any datagram. Lines without `=` are skipped; of a repeated key the last one counts. */
export function parse(datagram: Uint8Array): Map<string, string> {
  const text = new TextDecoder().decode(datagram).replace(/\0+$/, '');
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) fields.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return fields;
}
