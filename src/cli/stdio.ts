// What the command itself writes to stdout and stderr.

const used = new Set<NodeJS.WriteStream>();

/** Writes it as it is. That nobody reads it is no error: `graceful-run status | head -1` has what it wanted. */
export function write(name: 'stdout' | 'stderr', text: string): void {
  // Looked up here: a master never writes to stdout, and the stream takes its time to be made.
  const stream = process[name];
  if (!used.has(stream)) stream.on('error', () => {});
  used.add(stream);
  stream.write(text);
}

/** Resolves when all of it is on its way, or nobody is there to read it. */
export async function allWritten(): Promise<void> {
  const done = (stream: NodeJS.WriteStream) =>
    new Promise<void>((resolve) => void stream.write('', () => resolve()));
  await Promise.all([...used].map(done));
}
