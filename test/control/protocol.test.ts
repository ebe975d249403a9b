// Requests as lines of text, by tables.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ControlRequest, LARGEST_SIZE, parseRequest } from '../../src/control/protocol.js';

test('requests', () => {
  const rows: [line: string, request: ControlRequest][] = [
    ['{"command":"reload"}', { command: 'reload', wait: true }],
    ['{"command":"reload","wait":true}', { command: 'reload', wait: true }],
    ['{"command":"reload","wait":false}', { command: 'reload', wait: false }],
    [' {"command":"status","later":"unknown"}\r', { command: 'status' }],
    ['{"command":"stop"}', { command: 'stop', now: false }],
    ['{"command":"stop","now":true}', { command: 'stop', now: true }],
    // Only what was clearly asked for kills.
    ['{"command":"stop","now":"no"}', { command: 'stop', now: false }],
    ['{"command":"scale","size":1}', { command: 'scale', size: 1 }],
    [`{"command":"scale","size":${LARGEST_SIZE}}`, { command: 'scale', size: LARGEST_SIZE }],
  ];
  for (const [line, request] of rows) assert.deepEqual(parseRequest(line), request, line);
});

test('what is no request, and why', () => {
  const size = 'size must be a whole number from 1 to 1024';
  const rows: [line: string, why: string][] = [
    ['', 'not JSON'],
    ['GET / HTTP/1.1', 'not JSON'],
    ['{"command":"reload"', 'not JSON'],
    ['null', 'not an object'],
    ['"reload"', 'not an object'],
    ['[]', 'unknown command (none)'],
    ['{}', 'unknown command (none)'],
    ['{"command":"upgrade"}', 'unknown command "upgrade"'],
    ['{"command":null}', 'unknown command null'],
    ['{"command":{"a":1}}', 'unknown command {"a":1}'],
    [`{"command":"${'x'.repeat(99)}"}`, `unknown command "${'x'.repeat(39)}`],
    ['{"command":"toString"}', 'unknown command "toString"'],
    ['{"command":"scale"}', size],
    ['{"command":"scale","size":0}', size],
    ['{"command":"scale","size":1025}', size],
    ['{"command":"scale","size":1.5}', size],
    ['{"command":"scale","size":"2"}', size],
    ['{"command":"scale","size":null}', size],
  ];
  for (const [line, why] of rows) assert.equal(parseRequest(line), why, line);
});
