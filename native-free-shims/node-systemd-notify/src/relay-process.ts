// One run of the relay program in perl or python3: starts it and turns the lines that it writes into events.
// relay/relay.pl documents the lines.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** The language of the relay program. */
export type ServerTransport = 'perl' | 'python3';

export interface Interpreter {
  readonly transport: ServerTransport;
  readonly file: string;
  /** The directory of relay.pl and relay.py. */
  readonly scripts: string;
}

export interface RelayEvents {
  bound(id: number): void;
  refused(id: number, why: string): void;
  data(id: number, datagram: Uint8Array): void;
  /** Not called for a relay that never said hello, nor after `end`. */
  died(how: string): void;
}

export interface RelayProcess {
  readonly interpreter: Interpreter;
  open(id: number, path: string): void;
  close(id: number): void;
  /** Kills a relay that hangs, so that it is reported as died. */
  kill(): void;
  /** Resolves when the relay has exited. */
  end(): Promise<void>;
}

/** Time for the program to say hello. */
const START_TIMEOUT_MS = 3000;
/** Time for the program to exit after its input was closed. */
const END_TIMEOUT_MS = 2000;
/** Characters of its error output that are kept. */
const MAX_OUTPUT = 500;

/** The options isolate python from variables and files that would change how it runs. */
const ARGUMENTS = {
  perl: (scripts: string) => [join(scripts, 'relay.pl')],
  python3: (scripts: string) => ['-I', '-S', join(scripts, 'relay.py')],
};

/** Variables that are meant for this process, or would change how the program runs. */
const NOT_INHERITED = /^(NOTIFY_SOCKET$|FDSTORE$|LISTEN_|WATCHDOG_|PERL|NODE_)/;

/**
 * Resolves when the program has said hello. Rejects with the reason if it does not. From then on the program does not
 * keep this process running.
 */
export function startRelay(interpreter: Interpreter, events: RelayEvents): Promise<RelayProcess> {
  const { transport, file, scripts } = interpreter;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name)),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(file, ARGUMENTS[transport](scripts), { env, cwd: '/', stdio: 'pipe' });
    let errorOutput = '';
    let started = false;
    let ending = false;
    const gone = new Promise<void>((done) => {
      child.once('error', (error) => onEnd(error.message)).once('error', () => done());
      child.once('close', (status, signal) => {
        onEnd(signal ? `ended by ${signal}` : `exit status ${status}`);
        done();
      });
    });
    const startTimer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);

    function onEnd(how: string): void {
      clearTimeout(startTimer);
      const text = errorOutput.trim() ? `${how}: ${errorOutput.trim()}` : how;
      if (!started) reject(new Error(`${file}: ${text}`));
      else if (!ending) events.died(text);
    }

    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errorOutput = (errorOutput + text).slice(-MAX_OUTPUT);
    });
    // A write fails only when the program is exiting, which `close` reports.
    child.stdin.on('error', () => {});
    let unfinished = '';
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      const lines = (unfinished + chunk).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });

    /** A line such as `data 3 52454144593d31`. */
    function onLine(line: string): void {
      const [, verb = '', idText = '', rest = ''] = /^(\S*) ?(\d*) ?(.*)$/.exec(line) ?? [];
      const id = Number(idText);
      if (verb === 'hello') {
        started = true;
        clearTimeout(startTimer);
        unref(child);
        resolve(relay);
      } else if (verb === 'bound') events.bound(id);
      else if (verb === 'refused') events.refused(id, rest);
      else if (verb === 'data') events.data(id, Buffer.from(rest, 'hex'));
    }

    const relay: RelayProcess = {
      interpreter,
      open: (id, path) => child.stdin.write(`open ${id} ${Buffer.from(path).toString('hex')}\n`),
      close: (id) => child.stdin.write(`close ${id}\n`),
      kill: () => void child.kill('SIGKILL'),
      async end() {
        ending = true;
        child.stdin.end();
        // This timer keeps the process running meanwhile.
        const force = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
        await gone;
        clearTimeout(force);
      },
    };
  });
}

function unref(child: ChildProcess): void {
  // Its streams are sockets, which `@types/node` declares as plain streams.
  const streams = child.stdio as unknown as { unref(): void }[];
  for (const handle of [child, ...streams]) handle.unref();
}
