// The preload is not compiled: its words are compared with those of src/ipc-protocol.ts by reading both.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WIRE_CMD, WIRE_VARIABLE, WORKER_HOOK } from '../../src/ipc-protocol.js';
import { root } from '../helpers/paths.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const inFolder = (folder: string) =>
  readdirSync(join(root, folder))
    .map((name) => read(join(folder, name)))
    .join('\n');

const wire = read('src/ipc-protocol.ts');
const preload = inFolder('native-free-shims/preload');
const library = inFolder('src/worker');

/** First groups of all matches, sorted and each once. */
const all = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, group]) => group ?? ''))].sort();

/** Text of an exported type or interface. */
function declaration(name: string): string {
  const found = new RegExp(
    `export (?:type ${name} =|interface ${name} \\{)(.*?)\\n(?:\\}|\\n)`,
    's',
  ).exec(`${wire}\n\n`);
  assert.ok(found, name);
  return found[1] ?? '';
}

const typesOf = (name: string) => all(declaration(name), /readonly type: '(\w+)'/g);
const membersOf = (name: string) => all(declaration(name), /^ {2}(?:readonly )?(\w+)[(:?]/gm);

test('names', () => {
  assert.deepEqual(all(preload, /^const CMD = '(\w+)'/gm), [WIRE_CMD]);
  assert.deepEqual(all(preload, /\.(GRACEFUL_RUN_\w+)/g), [WIRE_VARIABLE]);
  assert.deepEqual(all(preload, /Symbol\.for\('([^']+)'\)/g), [WORKER_HOOK]);
});

test('messages to the master are those that it knows, and each is sent by somebody', () => {
  const sent = all(preload + library, /send\(\s*\{\s*type: '(\w+)'/g);
  assert.ok(sent.length > 5, String(sent));
  assert.deepEqual(sent, typesOf('WorkerMessage'));
});

test('messages from the master are those that the preload listens to', () => {
  const heard = all(preload, /channel\.on\('(\w+)'/g);
  assert.ok(heard.length > 2, String(heard));
  assert.deepEqual(heard, typesOf('MasterMessage'));
});

test('what the preload reads of the variable, and offers to the library', () => {
  assert.deepEqual(all(preload, /\bwire\.(\w+)/g), membersOf('Wire'));
  const [, hook = ''] = /'graceful-run\.worker'\)\] = \{(.*?)\n {2}\};/s.exec(preload) ?? [];
  assert.deepEqual(all(hook, /^ {4}(\w+):/gm), membersOf('WorkerHook'));
});

test('the fields of each message are those of its type', () => {
  const union = declaration('WorkerMessage')
    .split(/^ {2}\| /m)
    .slice(1);
  for (const member of union) {
    const [type] = all(member, /type: '(\w+)'/g);
    const fields = all(member, /readonly (\w+)\??:/g);
    const sent = [...preload.matchAll(new RegExp(`send\\(\\{ (type: '${type}'[^}]*)\\}`, 'g'))];
    for (const [, text = ''] of sent) {
      assert.deepEqual(all(text, /(?:^|, )(\w+)(?=:|,| $)/g), fields, type);
    }
  }
});
