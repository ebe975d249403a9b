// Lines as records, and records as they were.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordOf } from '../../src/output/json-format.js';
import type { Line } from '../../src/output/line-splitter.js';

const web = { name: 'web', slot: 2, generation: 3, pid: 7 };
const at = new Date(0);
const facts = {
  level: 30,
  time: '1970-01-01T00:00:00.000Z',
  name: 'web',
  generation: 3,
  worker: 2,
  workerPid: 7,
  stream: 'stdout',
};

function textOf(text: string | Buffer, part: Partial<Line> = {}, stream = 'stdout' as const) {
  const line = { bytes: Buffer.from(text), continued: false, continues: false, ...part };
  return recordOf(line, web, stream, at).toString();
}

test('a line becomes the message of a record', () => {
  const rows: [line: string | Buffer, msg: string][] = [
    ['ready', 'ready'],
    ['', ''],
    ['\x1b[31mred "quoted"\0\\', '\x1b[31mred "quoted"\0\\'],
    ['größe € 𝄞', 'größe € 𝄞'],
    ['a\u009b2J', 'a\u009b2J'],
    [Buffer.from([0x61, 0xff, 0x62]), 'a\ufffdb'],
    // JSON, but no object; or nearly one.
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

test('what comes from stderr can be told by its level', () => {
  const line = { bytes: Buffer.from('x'), continued: false, continues: false };
  const record = JSON.parse(String(recordOf(line, web, 'stderr', at)));
  assert.deepEqual(record, { ...facts, level: 40, stream: 'stderr', msg: 'x' });
});

test('the record of an app stays as it is; what it does not say itself is added', () => {
  const rows: [line: string, record: string][] = [
    [
      '{"level":50,"time":1,"pid":9,"msg":"own"}',
      '{"level":50,"time":1,"pid":9,"msg":"own","name":"web","generation":3,"worker":2,"workerPid":7,"stream":"stdout"}',
    ],
    ['{}', JSON.stringify(facts)],
    ['{"a":"\u009b2J"}', `{"a":"\\u009b2J",${JSON.stringify(facts).slice(1)}`],
    [
      ' { "id" : 12345678901234567890 } ',
      `{ "id" : 12345678901234567890 ,${JSON.stringify(facts).slice(1)}`,
    ],
    [JSON.stringify({ ...facts, worker: 'own' }), JSON.stringify({ ...facts, worker: 'own' })],
  ];
  for (const [line, record] of rows) {
    assert.equal(textOf(line), `${record}\n`);
    JSON.parse(record);
  }
});

test('pieces of a line that was too long are no record, whatever they look like', () => {
  const first = JSON.parse(textOf('{"a":1}', { continues: true }));
  assert.deepEqual(first, { ...facts, partial: true, msg: '{"a":1}' });
  const last = JSON.parse(textOf('{"a":1}', { continued: true }));
  assert.deepEqual(last, { ...facts, msg: '{"a":1}' });
});
