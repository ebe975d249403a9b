// Writing to real pipes, sockets and files: to those that nobody reads, and to those whose reader has gone.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { QueuedWriter } from '../../src/output/queued-writer.js';
import { openWriter } from '../../src/output/standard-outputs.js';
import { eventually } from '../helpers/eventually.js';
import { scratch } from '../helpers/supervisor.js';

const { O_RDONLY, O_NONBLOCK, O_WRONLY } = constants;
const line = (n: number) => `line ${n} ${'x'.repeat(n % 200)}\n`;

const module = new URL('../../src/output/standard-outputs.js', import.meta.url).href;

/** A pipe with both its ends in this process, the one for writing as a shell would have made it. */
function openPipe(t: TestContext) {
  const path = join(scratch(t), 'pipe');
  spawnSync('mkfifo', [path]);
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const writer = openSync(path, O_WRONLY);
  t.after(() => closeSync(writer));
  return { reader, writer };
}

/** What is there to be read now. */
function read(fd: number): string {
  const bytes = Buffer.alloc(1 << 20);
  try {
    return bytes.toString('utf8', 0, readSync(fd, bytes));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    return '';
  }
}

/** Writes lines until it has to drain, and returns them. */
function fill(queue: QueuedWriter): string {
  let text = '';
  for (let n = 0; !queue.writableNeedDrain; n += 1) {
    queue.write(line(n));
    text += line(n);
  }
  return text;
}

test('a pipe that nobody reads stops nothing but the writer', async (t) => {
  const { reader, writer } = openPipe(t);
  t.after(() => closeSync(reader));
  const queue = openWriter(writer);
  // First the pipe is filled, and then what may wait.
  let text = fill(queue);
  await eventually('the pipe is full', () => queue.blockedFor() > 0);
  assert.ok(text.length < 64 * 1024 + 70_000, `${text.length} bytes were taken`);
  const drained = once(queue, 'drain');
  queue.write('a line more\n');
  text += 'a line more\n';
  let seen = '';
  const flushing = queue.flushed().then(() => seen);
  await eventually('all of it', () => {
    seen += read(reader);
    return seen.length >= text.length;
  });
  assert.equal(seen, text);
  // Not before it was read.
  assert.ok((await flushing).length > text.length - 70_000);
  await drained;
  assert.deepEqual([queue.writableNeedDrain, queue.blockedFor()], [false, 0]);
  // No other program that writes there has to expect that it may not.
  const flags = readFileSync(`/proc/self/fdinfo/${writer}`, 'utf8');
  const [, octal = ''] = /^flags:\s+(\d+)$/m.exec(flags) ?? [];
  assert.equal(Number.parseInt(octal, 8) & O_NONBLOCK, 0);
});

test('what has no reader any more is lost, and holds up nobody', async (t) => {
  const { reader, writer } = openPipe(t);
  const queue = openWriter(writer);
  queue.write('heard\n');
  await queue.flushed();
  assert.equal(read(reader), 'heard\n');
  closeSync(reader);
  for (let i = 0; i < 3; i += 1) {
    assert.ok(fill(queue).length >= 65_000);
    await queue.flushed();
    assert.equal(queue.writableNeedDrain, false);
  }
});

test('a socket that nobody reads does not keep a process from leaving', {
  timeout: 30_000,
}, async (t) => {
  const path = join(scratch(t), 'socket');
  const server = createServer({ pauseOnConnect: true }).listen(path);
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const script = `
    import { openWriter } from '${module}';
    const queue = openWriter(1);
    while (queue.blockedFor() < 100) {
      while (!queue.writableNeedDrain) queue.write('x'.repeat(1000) + '\\n');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    process.exit(0);`;
  const perl = `use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => shift) or die $!;
    open(STDOUT, '>&', $s) or die $!; exec @ARGV`;
  const words = ['-e', perl, path, process.execPath, '--input-type=module', '-e', script];
  const child = spawn('perl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const socket = await connected;
  t.after(() => {
    socket.destroy();
    server.close();
  });
  // It would never leave while one of its threads stands in a write.
  const status = await new Promise((resolve) => child.once('exit', resolve));
  assert.equal(status, 0, String(child.stderr?.read()));
});

test('a file takes all lines, those of more than a block too', async (t) => {
  const path = join(scratch(t), 'file');
  const fd = openSync(path, 'a');
  t.after(() => closeSync(fd));
  const queue = openWriter(fd);
  const long = `${'y'.repeat(10_000)}\n`;
  queue.write(long);
  const text = fill(queue);
  await queue.flushed();
  assert.equal(readFileSync(path, 'utf8'), `${long}${text}`);
});
