// What the command itself writes to stdout and stderr.

const used = new Set<NodeJS.WriteStream>();

/** Writes `text` unchanged. A closed reader is not an error: `graceful-run status | head -1` has what it needs. */
export function write(name: 'stdout' | 'stderr', text: string): void {
  // The stream is created by the first access; a master never needs stdout.
  const stream = process[name];
  if (!used.has(stream)) stream.on('error', () => {});
  used.add(stream);
  stream.write(text);
}

/** Prints `text` and a line break to stdout. */
export function print(text: string): void {
  write('stdout', `${text}\n`);
}

/** Prints `text` and a line break to stderr. */
export function printError(text: string): void {
  write('stderr', `${text}\n`);
}

/** Resolves when everything is written, or its reader has gone. */
export async function allWritten(): Promise<void> {
  const written = (stream: NodeJS.WriteStream) =>
    new Promise<void>((resolve) => void stream.write('', () => resolve()));
  await Promise.all([...used].map(written));
}
