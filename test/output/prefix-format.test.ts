// Lines as they are shown: whose they are, and in what colours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Look, prefixed } from '../../src/output/prefix-format.js';
import { prefixOf } from '../../src/output/styles.js';

const web = { name: 'web', slot: 1, generation: 3, pid: 7 };
const PIPE: Look = { isTerminal: false, coloured: false };

function shown(text: string, look: Look, continued = false): string {
  const line = { bytes: Buffer.from(text), continued, continues: false };
  return Buffer.concat(prefixed(web, look)(line)).toString();
}

test('the prefix names instance, place and generation, and the rest of a long line', () => {
  assert.equal(prefixOf(web, false, false), 'web.1 g3 | ');
  assert.equal(prefixOf(web, false, true), 'web.1 g3 + ');
  assert.equal(prefixOf(web, true, false), '\x1b[36mweb.1 g3 |\x1b[0m ');
});

test('a place has one colour in all generations, and its neighbours have others', () => {
  const colourOf = (slot: number, generation: number) =>
    prefixOf({ ...web, slot, generation }, true, false).slice(0, 5);
  assert.equal(colourOf(2, 1), colourOf(2, 9));
  assert.equal(new Set(Array.from({ length: 10 }, (_, i) => colourOf(i + 1, 1))).size, 10);
  assert.equal(colourOf(11, 1), colourOf(1, 1));
});

test('only on a terminal is anything changed', () => {
  assert.equal(shown('a\x1b[2J\0\x1b[31m', PIPE), 'web.1 g3 | a\x1b[2J\0\x1b[31m\n');
  assert.equal(shown('rest', PIPE, true), 'web.1 g3 + rest\n');
  assert.equal(shown('a\x1b[2J\0', { ...PIPE, isTerminal: true }), 'web.1 g3 | a\\x00\n');
  const coloured = { isTerminal: false, coloured: true };
  const prefix = '\x1b[36mweb.1 g3 |\x1b[0m ';
  assert.equal(shown('\x1b[31mred', coloured), `${prefix}\x1b[31mred\x1b[0m\n`);
  assert.equal(shown('plain', coloured), `${prefix}plain\n`);
});
