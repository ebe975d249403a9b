// What the command itself writes to stdout and stderr.

/** Prints a text and a line break. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

export const standardOutput: Output = {
  out: (text) => write('stdout', `${text}\n`),
  err: (text) => write('stderr', `${text}\n`),
};

const used = new Set<NodeJS.WriteStream>();

/** Writes `text` unchanged. A closed reader is not an error: `graceful-run status | head -1` has what it needs. */
export function write(name: 'stdout' | 'stderr', text: string): void {
  // The stream is created by the first access; a master never needs stdout.
  const stream = process[name];
  if (!used.has(stream)) stream.on('error', () => {});
  used.add(stream);
  stream.write(text);
}

/** Resolves when everything is written, or its reader has gone. */
export async function allWritten(): Promise<void> {
  const written = (stream: NodeJS.WriteStream) =>
    new Promise<void>((resolve) => void stream.write('', () => resolve()));
  await Promise.all([...used].map(written));
}
