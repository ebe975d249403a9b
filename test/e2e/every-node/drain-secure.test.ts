// Draining of what is not plain HTTP/1.1: HTTPS, and HTTP/2 with its long sessions.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { createCertificate } from '../../helpers/certificate.js';
import { eventually } from '../../helpers/eventually.js';
import { exchange, follow } from '../../helpers/raw-http-client.js';
import { startServing } from '../../helpers/serving.js';
import { stoppedAccepting } from '../../helpers/sockets/listening.js';
import { gone, pidOf } from '../../helpers/wait-generation.js';

async function start(t: TestContext, app: string, secure: boolean) {
  const env = secure ? { CERTIFICATE: createCertificate(t) } : {};
  const { master, address, pid } = await startServing(t, app, [], { env });
  const port = Number(address.split(':').at(-1));
  const replace = async () => {
    master.signal('SIGHUP');
    await stoppedAccepting(pid);
  };
  return { master, pid, port, replace, url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}` };
}

test('a kept-alive client over HTTPS is told to close with its next response', async (t) => {
  const { master, pid, port, replace } = await start(t, 'answers-on-signal.mjs', true);
  const dial = async () => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return follow(t, socket);
  };
  const [busy, idle] = [await dial(), await dial()];
  assert.match(await exchange(idle), /Connection: keep-alive/i);
  busy.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
  await master.wrote('got GET /slow');
  await replace();

  process.kill(pid, 'SIGUSR2');
  for (const answer of [await busy.until(/\r\n\r\n\d+$/), await exchange(idle)]) {
    assert.match(answer, /Connection: close/i);
    assert.ok(answer.endsWith(String(pid)));
  }
  assert.deepEqual([await busy.ended(), await idle.ended()], ['end', 'end']);
  await gone(master, pid);
  assert.match(await exchange(await dial()), /Connection: keep-alive/i);
});

for (const secure of [false, true]) {
  const kind = secure ? 'behind TLS' : 'in clear text';

  test(`HTTP/2 ${kind}: GOAWAY, and the streams under way are finished`, async (t) => {
    const { master, pid, url, replace } = await start(t, 'answers-http2.mjs', secure);
    const session = openSession(t, url);
    assert.equal(await ask(session), String(pid));
    const goaway = once(session, 'goaway');
    const slow = ask(session, '/slow');
    await master.wrote('got /slow');
    await replace();

    assert.equal((await goaway)[0], 0, 'NO_ERROR');
    await eventually('the client opens no stream on it any more', () => session.closed);
    process.kill(pid, 'SIGUSR2');
    assert.equal(await slow, String(pid));
    await gone(master, pid);
    assert.notEqual(await ask(openSession(t, url)), String(pid));
  });

  test(`HTTP/2 ${kind}: no stream is lost through three reloads`, async (t) => {
    const { master, url } = await start(t, 'answers-http2.mjs', secure);
    let session = openSession(t, url);
    let stopped = false;
    const answers: string[] = [];
    const visitor = async () => {
      while (!stopped) {
        if (session.closed || session.destroyed) session = openSession(t, url);
        const answer = await ask(session).catch(askAgainIfRefused);
        if (answer !== null) answers.push(answer);
      }
    };
    const visitors = Promise.all(Array.from({ length: 4 }, visitor));
    await eventually('the first worker answers', () => answers.length > 0);
    for (let generation = 2; generation <= 4; generation += 1) {
      const seen = answers.length;
      master.signal('SIGHUP');
      const pid = String(await pidOf(master, generation));
      await Promise.race([
        visitors,
        eventually('the new worker answers', () => answers.indexOf(pid, seen) !== -1),
      ]);
    }
    stopped = true;
    await visitors;
    assert.equal(new Set(answers).size, 4);
  });
}

test('HTTP/2: a session that was still shaking hands is sent away as well', async (t) => {
  const { master, pid, port, url, replace } = await start(t, 'answers-http2.mjs', true);
  const early = connect({ port, host: '127.0.0.1' });
  t.after(() => early.destroy());
  await once(early, 'connect');
  // Accepted in order: when this one is answered, the early one is known to the worker as well.
  const other = openSession(t, url);
  assert.equal(await ask(other), String(pid));
  other.destroy();
  await replace();

  const options = { socket: early, rejectUnauthorized: false, ALPNProtocols: ['h2'] };
  const session = connectHttp2(url, { createConnection: () => connectTls(options) });
  t.after(() => session.destroy());
  const [code] = await once(session, 'goaway');
  assert.equal(code, 0);
  await gone(master, pid);
});

function openSession(t: TestContext, url: string): ClientHttp2Session {
  const session = connectHttp2(url, { rejectUnauthorized: false });
  // What matters is what becomes of the requests.
  session.on('error', () => {});
  t.after(() => session.destroy());
  return session;
}

/**
 * A stream that the client's own library had not sent yet when it read the GOAWAY: nothing was lost
 * (RFC 9113, 8.7).
 */
function askAgainIfRefused(error: Error): null {
  if (/NGHTTP2_REFUSED_STREAM/.test(error.message)) return null;
  throw error;
}

/** Body of the answer; rejects when the stream did not end as it should. */
function ask(session: ClientHttp2Session, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path });
    let body = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      body += text;
    });
    stream.on('error', reject);
    stream.on('close', () => {
      if (stream.rstCode === 0 && body !== '') resolve(body);
      else reject(new Error(`stream closed with code ${stream.rstCode} after '${body}'`));
    });
  });
}
