// How requests and replies are parsed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ControlRequest, parseReply, parseRequest } from '../../src/control/protocol.js';
import { MAX_WORKERS } from '../../src/core/policy.js';

test('each request of a client is parsed, unknown fields are ignored', () => {
  const rows: [line: string, request: ControlRequest][] = [
    ['{"command":"reload"}', { command: 'reload', wait: true }],
    ['{"command":"reload","wait":true}', { command: 'reload', wait: true }],
    ['{"command":"reload","wait":false}', { command: 'reload', wait: false }],
    [' {"command":"status","later":"unknown"}\r', { command: 'status' }],
    ['{"command":"stop"}', { command: 'stop', now: false }],
    ['{"command":"stop","now":true}', { command: 'stop', now: true }],
    // Only `true` kills at once.
    ['{"command":"stop","now":"no"}', { command: 'stop', now: false }],
    ['{"command":"scale","size":1}', { command: 'scale', size: 1 }],
    [`{"command":"scale","size":${MAX_WORKERS}}`, { command: 'scale', size: MAX_WORKERS }],
  ];
  for (const [line, request] of rows) assert.deepEqual(parseRequest(line), request, line);
});

test('a malformed request is refused with the reason', () => {
  const size = 'size must be a whole number from 1 to 1024';
  const rows: [line: string, why: string][] = [
    ['', 'not a JSON object'],
    ['GET / HTTP/1.1', 'not a JSON object'],
    ['{"command":"reload"', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['"reload"', 'not a JSON object'],
    ['[]', 'unknown command'],
    ['{}', 'unknown command'],
    ['{"command":"upgrade"}', 'unknown command'],
    ['{"command":"toString"}', 'unknown command'],
    ['{"command":"__proto__"}', 'unknown command'],
    ['{"__proto__":{"command":"stop"}}', 'unknown command'],
    ['['.repeat(50_000), 'not a JSON object'],
    ['{"command":"scale"}', size],
    ['{"command":"scale","size":0}', size],
    ['{"command":"scale","size":1025}', size],
    ['{"command":"scale","size":1.5}', size],
    ['{"command":"scale","size":"2"}', size],
    ['{"command":"scale","size":null}', size],
  ];
  for (const [line, why] of rows) assert.equal(parseRequest(line), why, line);
});

test('a reply of a master is told from what another server answers', () => {
  const reply = { ok: false, reason: 'no', generation: 2, output: ['a'], later: 'unknown' };
  assert.deepEqual(parseReply(JSON.stringify(reply)), reply);
  for (const other of ['null', '[]', '"ok"', '{}', '{"ok":1}', 'HTTP/1.1 400 Bad Request']) {
    assert.equal(parseReply(other), null, other);
  }
});
