// One run of the relay program in perl or python3, which receives unix datagrams for Node. relay/relay.pl documents the
// lines that it reads and writes.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The language of the relay program. */
export type ServerTransport = 'perl' | 'python3';

export interface RelayEvents {
  bound(id: number): void;
  refused(id: number, why: string): void;
  data(id: number, datagram: Uint8Array): void;
}

export type Relay = ReturnType<typeof startRelay>;

/** Time for the program to answer for the first time. */
const START_TIMEOUT_MS = 3000;
/** Characters of its error output that are kept. */
const MAX_OUTPUT = 500;

/** The options isolate python from variables and files that would change how it runs. */
const ARGUMENTS = {
  perl: (scripts: string) => [join(scripts, 'relay.pl')],
  python3: (scripts: string) => ['-I', '-S', join(scripts, 'relay.py')],
};

/** Variables that are meant for this process, or would change how the program runs. */
const NOT_INHERITED = /^(NOTIFY_SOCKET$|FDSTORE$|LISTEN_|WATCHDOG_|PERL|NODE_)/;

/** `file` is the interpreter, `scripts` the directory of relay.pl and relay.py. */
export function startRelay(
  transport: ServerTransport,
  file: string,
  scripts: string,
  events: RelayEvents,
) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name)),
  );
  const child = spawn(file, ARGUMENTS[transport](scripts), { env, cwd: '/', stdio: 'pipe' });
  let answered = false;
  let errorOutput = '';
  let unfinished = '';
  const kill = (): Promise<string> => {
    child.ref();
    for (const stream of child.stdio) stream?.destroy();
    child.kill('SIGKILL');
    return ended;
  };
  const startTimer = setTimeout(kill, START_TIMEOUT_MS);
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      clearTimeout(startTimer);
      resolve(errorOutput.trim() ? `${how}: ${errorOutput.trim()}` : how);
    };
    child.once('error', ({ message }) => end(message));
    child.once('close', (status, signal) =>
      end(signal ? `ended by ${signal}` : `exit status ${status}`),
    );
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorOutput = (errorOutput + text).slice(-MAX_OUTPUT);
  });
  // A write fails only when the program is exiting, which `close` reports.
  child.stdin.on('error', () => {});
  child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
    const lines = (unfinished + chunk).split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  // Its streams are sockets, which `@types/node` declares as plain streams.
  const streams = child.stdio as unknown as { unref(): void }[];
  for (const handle of [child, ...streams]) handle.unref();

  /** A line such as `data 3 52454144593d31`. */
  function onLine(line: string): void {
    const [, verb, idText, rest = ''] = /^(bound|refused|data) (\d+) ?(.*)$/.exec(line) ?? [];
    const id = Number(idText);
    answered = true;
    clearTimeout(startTimer);
    if (verb === 'bound') events.bound(id);
    else if (verb === 'refused') events.refused(id, rest);
    else if (verb === 'data') events.data(id, Buffer.from(rest, 'hex'));
  }

  return {
    transport,
    /** False until the program has answered: an interpreter may exist and not run. */
    hasAnswered: () => answered,
    open: (id: number, path: string) =>
      child.stdin.write(`open ${id} ${Buffer.from(path).toString('hex')}\n`),
    close: (id: number) => child.stdin.write(`close ${id}\n`),
    /** Resolves when the program has ended, with the reason. It does not keep this process running. */
    ended,
    /** Ends the program and its events at once, and resolves when it has ended; until then this process keeps running. */
    kill,
  };
}
