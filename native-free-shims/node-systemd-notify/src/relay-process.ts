// One run of the relay program, in whatever language: starts it, and turns its lines into calls. See
// relay/relay.pl for what the lines say.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Interpreter {
  readonly transport: 'perl' | 'python3';
  readonly file: string;
  /** Folder of relay.pl and relay.py. */
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
  /** Whether it keeps this process alive; it does not at first. */
  hold(yes: boolean): void;
  /** For one that hangs: it is seen as dead then. */
  kill(): void;
  /** Resolves when it is gone. */
  end(): Promise<void>;
}

/** Milliseconds until a program that says nothing is given up, or one that was told to leave is killed. */
const START_LIMIT = 3000;
const END_LIMIT = 2000;
const MOST_OUTPUT = 500;

/** Isolated from what the environment of the service may say to the language. */
const ARGUMENTS = {
  perl: (scripts: string) => [join(scripts, 'relay.pl')],
  python3: (scripts: string) => ['-I', '-S', join(scripts, 'relay.py')],
};

/** What is meant for us, and what would change how the program runs. */
const FOREIGN = /^(NOTIFY_SOCKET$|FDSTORE$|LISTEN_|WATCHDOG_|PERL|NODE_)/;

/** Resolves when the program has said hello, rejects with the reason if it does not. */
export function startRelay(interpreter: Interpreter, events: RelayEvents): Promise<RelayProcess> {
  const { transport, file, scripts } = interpreter;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(file, ARGUMENTS[transport](scripts), { env, cwd: '/', stdio: 'pipe' });
    let said = '';
    let greeted = false;
    let ending = false;
    const gone = new Promise<void>((done) => {
      child.once('error', (error) => ended(error.message)).once('error', () => done());
      child.once('close', (status, signal) => {
        ended(signal ? `ended by ${signal}` : `exit status ${status}`);
        done();
      });
    });
    const giveUp = setTimeout(() => child.kill('SIGKILL'), START_LIMIT);

    function ended(how: string): void {
      clearTimeout(giveUp);
      const text = said.trim() ? `${how}: ${said.trim()}` : how;
      if (!greeted) reject(new Error(`${file}: ${text}`));
      else if (!ending) events.died(text);
    }

    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MOST_OUTPUT);
    });
    // It is gone, or will be: `close` tells.
    child.stdin.on('error', () => {});
    let unfinished = '';
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      const lines = (unfinished + chunk).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) hear(line);
    });

    function hear(line: string): void {
      const { verb, id, rest } = split(line);
      if (verb === 'hello') {
        greeted = true;
        clearTimeout(giveUp);
        hold(child, false);
        resolve(running);
      } else if (verb === 'bound') events.bound(id);
      else if (verb === 'refused') events.refused(id, rest);
      else if (verb === 'data') events.data(id, Buffer.from(rest, 'hex'));
    }

    const tell = (line: string) => child.stdin.write(`${line}\n`);
    const running: RelayProcess = {
      interpreter,
      open: (id, path) => tell(`open ${id} ${Buffer.from(path).toString('hex')}`),
      close: (id) => tell(`close ${id}`),
      hold: (yes) => hold(child, yes),
      kill: () => void child.kill('SIGKILL'),
      async end() {
        ending = true;
        hold(child, true);
        child.stdin.end();
        const force = setTimeout(() => child.kill('SIGKILL'), END_LIMIT);
        await gone;
        clearTimeout(force);
      },
    };
  });
}

/** `data 3 52454144593d31` */
function split(line: string): { verb: string; id: number; rest: string } {
  const [, verb = '', id = '', rest = ''] = /^(\S*) ?(\d*) ?(.*)$/.exec(line) ?? [];
  return { verb, id: Number(id), rest };
}

function hold(child: ChildProcess, yes: boolean): void {
  const streams = child.stdio as unknown as { ref(): void; unref(): void }[];
  for (const one of [child, ...streams]) yes ? one.ref() : one.unref();
}
