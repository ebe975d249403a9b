// How messages are composed, merged and parsed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compose, type Fields, isReplaceable, type Message, merge, parse } from '../src/message.js';

const linesOf = (fields: Fields) => (compose(fields) as Message).lines;
const sizeOf = (fields: Fields) => Buffer.byteLength(linesOf(fields).join('\n'));

test('each field is one line, whatever its value contains', () => {
  assert.deepEqual(linesOf({ READY: 1, STATUS: 'a=b' }), ['READY=1', 'STATUS=a=b']);
  const evil = 'one\nSTOPPING=1\r\nMAINPID=1\0\u0007end';
  assert.deepEqual(linesOf({ STATUS: evil }), ['STATUS=one STOPPING=1 MAINPID=1 end']);
  assert.deepEqual(linesOf({ STATUS: '' }), ['STATUS=']);
  assert.deepEqual(linesOf({ STATUS: 'ünï — 日本' }), ['STATUS=ünï — 日本']);
});

test('a key that is not a field name is refused', () => {
  for (const key of ['', 'A=B', 'A\nB', ' A', '1A', '--pid', 'Ä']) {
    const outcome = compose({ READY: 1, [key]: 1 });
    assert.ok(outcome instanceof Error, key);
    assert.match(outcome.message, /is not a field name/);
  }
  assert.ok(compose({}) instanceof Error);
});

test('a message that is longer than systemd takes has its STATUS cut', () => {
  const room = 4096 - 'READY=1\nSTATUS='.length;
  assert.equal(sizeOf({ READY: 1, STATUS: 'x'.repeat(room) }), 4096);
  assert.equal(linesOf({ READY: 1, STATUS: 'x'.repeat(room) })[1]?.endsWith('x'), true);
  for (const letter of ['x', 'é', '日', '🙂']) {
    for (const more of [1, 2, 3, 4, 5, 6, 7, 5000]) {
      const status = letter.repeat(Math.ceil((room + more) / Buffer.byteLength(letter)));
      const [first, second = ''] = linesOf({ READY: 1, STATUS: status });
      const size = sizeOf({ READY: 1, STATUS: status });
      assert.equal(first, 'READY=1');
      assert.ok(size <= 4096 && size > 4090, `${size} bytes`);
      assert.match(second, new RegExp(`^STATUS=(${letter})+…$`, 'u'));
    }
  }
  const other = compose({ X_LONG: 'x'.repeat(4096), STATUS: 'short' });
  assert.ok(other instanceof Error);
  assert.match(other.message, /^cannot notify: \d+ bytes, more than systemd takes/);
});

test('only STATUS and WATCHDOG=1 are replaced by a later message', () => {
  const replaceable = (fields: Fields) => isReplaceable(compose(fields) as Message);
  assert.ok(replaceable({ STATUS: 'a' }));
  assert.ok(replaceable({ WATCHDOG: 1, STATUS: 'a' }));
  for (const fields of [{ READY: 1 }, { RELOADING: 1, STATUS: 'a' }, { STOPPING: 1 }]) {
    assert.ok(!replaceable(fields));
  }
  assert.ok(!replaceable({ WATCHDOG: 'trigger' }));
  assert.ok(!replaceable({ EXTEND_TIMEOUT_USEC: 1, STATUS: 'a' }));
  assert.ok(!isReplaceable(compose({ STATUS: 'a' }, 5) as Message));
  const merged = merge(
    compose({ STATUS: 'old', WATCHDOG: 1 }) as Message,
    compose({ STATUS: 'new' }) as Message,
  );
  assert.deepEqual(merged.lines, ['STATUS=new', 'WATCHDOG=1']);
});

test('any datagram is parsed, malformed lines are skipped', () => {
  const read = (text: string) => Object.fromEntries(parse(Buffer.from(text)));
  assert.deepEqual(read('READY=1\nSTATUS=a=b\n'), { READY: '1', STATUS: 'a=b' });
  assert.deepEqual(read('READY=1\n\n\nX=\n'), { READY: '1', X: '' });
  assert.deepEqual(read('READY=1\0'), { READY: '1' });
  assert.deepEqual(read('STATUS=a\nSTATUS=b'), { STATUS: 'b' });
  assert.deepEqual(read(''), {});
  assert.deepEqual(read('\n=\n=x\nnothing'), {});
  assert.deepEqual(read('__proto__=x'), Object.fromEntries([['__proto__', 'x']]));
  assert.deepEqual([...parse(Uint8Array.of(0xff, 0x3d, 0xfe))], [['\ufffd', '\ufffd']]);
});
