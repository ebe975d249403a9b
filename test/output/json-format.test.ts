// Lines of workers as records.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatJson } from '../../src/output/json-format.js';
import type { OutputLine } from '../../src/output/line-splitter.js';

const web = { name: 'web', slot: 2, generation: 3, pid: 7 };
const at = new Date(0);
const origin = { name: 'web', generation: 3, worker: 2, workerPid: 7, stream: 'stdout' };
const facts = { level: 30, time: '1970-01-01T00:00:00.000Z', ...origin };

function textOf(text: string | Buffer, part: Partial<OutputLine> = {}): string {
  const line = { bytes: Buffer.from(text), isContinuation: false, isContinued: false, ...part };
  return formatJson(line, web, 'stdout', at).toString();
}

test('a line becomes the message of a record', () => {
  const rows: [line: string | Buffer, msg: string][] = [
    ['ready', 'ready'],
    ['', ''],
    ['\x1b[31mred "quoted"\0\\', '\x1b[31mred "quoted"\0\\'],
    ['größe € 𝄞', 'größe € 𝄞'],
    ['a\u009b2J', 'a\u009b2J'],
    [Buffer.from([0x61, 0xff, 0x62]), 'a\ufffdb'],
    // JSON that is not an object, and almost JSON.
    ['42', '42'],
    ['["a"]', '["a"]'],
    ['{ not json }', '{ not json }'],
    ['{"a":1} tail', '{"a":1} tail'],
  ];
  for (const [line, msg] of rows) {
    const text = textOf(line);
    assert.ok(text.endsWith('}\n') && !/\p{Cc}/u.test(text.slice(0, -1)));
    assert.deepEqual(JSON.parse(text), { ...facts, msg });
  }
});

test('a line that is a JSON object stays as it is, and only keys that it does not have are added', () => {
  const added = JSON.stringify(facts).slice(1);
  const rows: [line: string, record: string][] = [
    [
      '{"level":50,"time":1,"pid":9,"msg":"own"}',
      `{"level":50,"time":1,"pid":9,"msg":"own",${JSON.stringify(origin).slice(1)}`,
    ],
    ['{}', JSON.stringify(facts)],
    ['{"a":"\u009b2J"}', `{"a":"\\u009b2J",${added}`],
    [' { "id" : 12345678901234567890 } ', `{ "id" : 12345678901234567890 ,${added}`],
    [JSON.stringify({ ...facts, worker: 'own' }), JSON.stringify({ ...facts, worker: 'own' })],
  ];
  for (const [line, record] of rows) {
    assert.equal(textOf(line), `${record}\n`);
    JSON.parse(record);
  }
});

test('the pieces of a line that was too long are messages, also if they look like JSON', () => {
  const first = JSON.parse(textOf('{"a":1}', { isContinued: true }));
  assert.deepEqual(first, { ...facts, partial: true, msg: '{"a":1}' });
  const last = JSON.parse(textOf('{"a":1}', { isContinuation: true }));
  assert.deepEqual(last, { ...facts, msg: '{"a":1}' });
});
