// Which config file is read, and what is said of one that cannot be.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readConfigFile } from '../../../src/cli/config/find-config.js';
import { UsageError } from '../../../src/errors.js';
import { scratch } from '../../helpers/supervisor.js';

type Files = Readonly<Record<string, string>>;

const NAME = 'graceful-run.config';
const KEY = '{"name":"x","graceful-run":{"workers":2}}';

/** A directory with these files. */
function place(t: TestContext, files: Files): string {
  const directory = scratch(t);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

/** What is read there, with the path from there. */
async function read(t: TestContext, files: Files, asked?: string, below = '') {
  const here = place(t, files);
  const found = await readConfigFile(here, join(here, below), asked);
  return found && { ...found, path: found.path.slice(here.length + 1) };
}

async function refused(t: TestContext, files: Files, message: string | RegExp, asked?: string) {
  const here = place(t, files);
  await assert.rejects(readConfigFile(here, here, asked), (error) => {
    assert.ok(error instanceof UsageError, String(error));
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    return !error.message.includes('\n');
  });
}

test('the file that is there', async (t) => {
  const content = { workers: 2 };
  const rows: [name: string, text: string][] = [
    [`${NAME}.json`, '{"workers":2}'],
    [`${NAME}.mjs`, 'export default { workers: 2 };'],
    [`${NAME}.mjs`, 'export default () => ({ workers: 2 });'],
    [`${NAME}.mjs`, 'export default async () => ({ workers: await 2 });'],
    [`${NAME}.mjs`, 'export default await Promise.resolve({ workers: 2 });'],
  ];
  for (const [name, text] of rows) {
    assert.deepEqual(await read(t, { [name]: text }), { path: name, label: name, content }, text);
  }
  const label = 'package.json#graceful-run';
  const found = await read(t, { 'package.json': KEY });
  assert.deepEqual(found, { path: 'package.json', label, content });
});

test('.js is of the type that its package has', async (t) => {
  const rows: [manifest: string, text: string][] = [
    ['{"type":"module"}', 'export default { workers: 2 };'],
    ['{"type":"commonjs"}', 'module.exports = { workers: 2 };'],
    ['{}', 'module.exports = async () => ({ workers: 2 });'],
  ];
  for (const [manifest, text] of rows) {
    const files = { 'package.json': manifest, [`${NAME}.js`]: text };
    assert.deepEqual((await read(t, files))?.content, { workers: 2 }, text);
  }
});

test('no file', async (t) => {
  const rows: [files: Files, asked?: string][] = [
    [{}],
    [{ 'package.json': '{"name":"x"}' }],
    // Names us, and says nothing to us; the second is not even parsed.
    [{ 'package.json': '{"name":"graceful-run","dependencies":{"graceful-run":"1"}}' }],
    [{ 'package.json': 'no JSON' }],
    [{ 'package.json': '["graceful-run"]' }],
    [{ 'graceful-run.config.ts': '' }],
    [{ [`${NAME}.json`]: 'broken', [`${NAME}.mjs`]: 'broken' }, 'none'],
  ];
  for (const [files, asked] of rows) assert.equal(await read(t, files, asked), null);
});

test('where it is looked for, and how it is called then', async (t) => {
  const json = '{"workers":2}';
  const below = { [`app/${NAME}.json`]: json, [`${NAME}.json`]: 'broken' };
  assert.equal((await read(t, below, undefined, 'app'))?.label, `app/${NAME}.json`);
  assert.equal((await read(t, { 'a/b.json': json }, 'a/b.json'))?.label, 'a/b.json');
  assert.equal((await read(t, { none: '', 'none.json': json }, './none.json'))?.path, 'none.json');
  const manifest = await read(t, { 'app/package.json': KEY }, 'app/package.json');
  assert.equal(manifest?.label, 'app/package.json#graceful-run');
  // What is asked for is seen from here, and is alone.
  const files = { 'own.json': json, [`app/${NAME}.json`]: 'broken', [`app/${NAME}.mjs`]: '' };
  assert.equal((await read(t, files, 'own.json', 'app'))?.path, 'own.json');
});

test('two files are one too many', async (t) => {
  const said = (one: string, other: string) =>
    `${one} and ${other}: only one of them can hold the config; remove the other, or choose with --config`;
  const [json, mjs] = [`${NAME}.json`, `${NAME}.mjs`];
  const files = { [json]: '{}', [mjs]: 'export default {};' };
  await refused(t, files, said(json, mjs));
  const manifest = 'package.json#graceful-run';
  await refused(t, { [json]: '{}', 'package.json': KEY }, said(json, manifest));
});

test('what cannot be read is one line with the file, the place and the reason', async (t) => {
  const [json, mjs] = [`${NAME}.json`, `${NAME}.mjs`];
  const rows: [files: Files, message: string | RegExp, asked?: string][] = [
    [{ [json]: '{\n  "a": 1,\n}' }, new RegExp(`^${json}: .+ in JSON at position`)],
    [{ 'package.json': '{"graceful-run"}' }, /^package\.json: .+ JSON/],
    [{ [mjs]: '\nthrow new Error("no\\nluck");' }, `${mjs}:2: no`],
    [{ [mjs]: 'export default () => {\n throw new Error("no luck");\n}' }, `${mjs}:2: no luck`],
    [{ [mjs]: 'export default () => Promise.reject("no luck")' }, `${mjs}: no luck`],
    [{ [mjs]: 'throw undefined' }, `${mjs}: undefined`],
    [{ [mjs]: 'export default {\n  a: 1,,\n};' }, `${mjs}: Unexpected token ','`],
    [{ [mjs]: '\nJSON.parse("!");' }, new RegExp(`^${mjs}:2: Unexpected token`)],
    [{ [mjs]: 'import "./gone.mjs";' }, new RegExp(`^${mjs}: Cannot find module '.+gone.mjs'`)],
    [{ [mjs]: 'export const workers = 2;' }, `${mjs}: it has no default export`],
    [{}, "--config 'x.json': there is no such file", 'x.json'],
    [{ 'x.json/y': '' }, 'x.json: EISDIR: illegal operation on a directory', 'x.json'],
    [{}, "--config '': a config file ends in .json, .mjs or .js", ''],
    [{ 'x.yaml': '' }, "--config 'x.yaml': a config file ends in .json, .mjs or .js", 'x.yaml'],
    [{ 'x.json': '!' }, /^x\.json: Unexpected token/, 'x.json'],
    [
      { 'package.json': '{}' },
      "--config 'package.json': there is no 'graceful-run' in it",
      'package.json',
    ],
  ];
  for (const [files, message, asked] of rows) await refused(t, files, message, asked);
});
