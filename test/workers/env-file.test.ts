// Env files: the values that Node would read, and an error where it would skip a line.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createEnvironments } from '../../src/workers/env-file.js';
import { scratch } from '../helpers/supervisor.js';

/** What the files say to generation 1. */
function readEnvFiles(envFiles: readonly string[]) {
  const of = createEnvironments({ env: {}, suggest: () => ({}), envFiles, cwd: '/' });
  return of(1, null);
}

function write(t: TestContext, content: string | Buffer): string {
  const path = join(scratch(t), '.env');
  writeFileSync(path, content);
  return path;
}

/** What a file with this content says. */
function read(t: TestContext, content: string | Buffer) {
  const path = write(t, content);
  const found = readEnvFiles([path]);
  return 'problem' in found ? found.problem.replace(path, 'PATH') : found.env;
}

test('a file is read as Node reads it, also with blank lines, comments and quotes', (t) => {
  const rows: [content: string, variables: Record<string, string>][] = [
    ['', {}],
    ['\n \t\n# A=1\n  # it\'s a "comment"\n', {}],
    ['A=1\nB=two words \n', { A: '1', B: 'two words' }],
    ['A=1\r\nB="2"\r\n', { A: '1', B: '2' }],
    ['\ufeffA=1', { A: '1' }],
    ['  A = 1\n\t\n   B=2', { A: '1', B: '2' }],
    ['export A=1\nexport \t B=2\nexport=3', { A: '1', B: '2', export: '3' }],
    ['A=\nB= \nC=""\nD=\'\' # none\nE=5', { A: '', B: '', C: '', D: '', E: '5' }],
    ['A=x # comment\nB=y#z', { A: 'x', B: 'y' }],
    ['A="x # y" # z\nB=\'#\'#', { A: 'x # y', B: '#' }],
    ["A=\"it's\"\nB='\"'\nC=`\"'`\nD=it's", { A: "it's", B: '"', C: '"\'', D: "it's" }],
    ['A="one\n# two\nB=3"\nC=4', { A: 'one\n# two\nB=3', C: '4' }],
    ['A="1\\n2"\nB=\'1\\n2\'', { A: '1\n2', B: '1\\n2' }],
    ['a.b-c_1=x\n_=y', { 'a.b-c_1': 'x', _: 'y' }],
    ['A=b=c==', { A: 'b=c==' }],
    ['A=größe', { A: 'größe' }],
    ['A=1\nA=2', { A: '2' }],
  ];
  for (const [content, variables] of rows) {
    assert.deepEqual(read(t, content), variables, JSON.stringify(content));
  }
});

test('a line that Node would skip is a problem, named with its number', (t) => {
  const rows: [content: string, line: number][] = [
    ['A=1\n\nB', 3],
    ['=1', 1],
    ['A: 1\nB=2', 1],
    ['1A=1', 1],
    ['A="one\ntwo"\nexport B\n', 3],
    ['A=1\nB="2\nC=3\n', 2],
    ["A='", 1],
    ['A="1"2\n', 1],
    ['A={}\nB="{"C":1}"', 2],
    ['A=0\nB="1\n2" 3', 2],
  ];
  for (const [content, line] of rows) {
    const problem = `line ${line}: is neither NAME=value, with complete quotes, nor a comment`;
    assert.equal(read(t, content), `env file PATH, ${problem}`, JSON.stringify(content));
  }
});

test('a file that is missing, irregular or not UTF-8 is a problem', (t) => {
  const directory = scratch(t);
  mkdirSync(join(directory, '.env'));
  const rows: [path: string, problem: string][] = [
    [join(directory, 'none'), 'ENOENT: no such file or directory'],
    [join(directory, '.env'), 'is not a regular file'],
    ['/dev/null', 'is not a regular file'],
  ];
  assert.equal(read(t, Buffer.from('A=\xff\n', 'latin1')), 'env file PATH: is not UTF-8');
  for (const [path, problem] of rows) {
    assert.deepEqual(readEnvFiles([path]), { problem: `env file ${path}: ${problem}` });
  }
});

test('later files win, and one broken file is a problem of all', (t) => {
  const [one, other] = [write(t, 'A=1\nB=1'), write(t, 'B=2\nC=2')];
  assert.deepEqual(readEnvFiles([one, other]), { env: { A: '1', B: '2', C: '2' } });
  assert.deepEqual(readEnvFiles([other, one]), { env: { A: '1', B: '1', C: '2' } });
  const broken = write(t, 'B');
  assert.match(JSON.stringify(readEnvFiles([one, broken])), /^\{"problem":"env file .*line 1/);
});

test('the files are read once for each generation, behind the link in the working directory, and the master wins', (t) => {
  const root = scratch(t);
  const cwd = join(root, 'current');
  const release = (name: string, text: string) => {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, '.env'), text);
    rmSync(cwd, { force: true });
    symlinkSync(name, cwd);
  };
  const env = { OWN: 'master' };
  const of = createEnvironments({ env, suggest: () => ({}), envFiles: ['.env'], cwd });
  release('one', 'OWN=file\nA=1\nB=1');
  assert.deepEqual(of(1, null), { env: { A: '1', B: '1', OWN: 'master' } });
  release('two', 'A=2');
  assert.deepEqual(of(2, 1), { env: { A: '2', OWN: 'master' } });
  release('three', 'A');
  assert.ok('problem' in of(3, 2));
  // A problem is the same for all workers of a generation, too.
  release('four', 'A=4');
  assert.ok('problem' in of(3, 2));
  assert.deepEqual(of(2, 2), { env: { A: '2', OWN: 'master' } });
  assert.deepEqual(of(4, 2), { env: { A: '4', OWN: 'master' } });
  // Generation 3 was given up and is forgotten.
  assert.deepEqual(of(3, 4), { env: { A: '4', OWN: 'master' } });
});

test('defaults see the files and the environment of the master, and win over neither', (t) => {
  const suggest = ({ A, B }: NodeJS.ProcessEnv) => ({ A: 'ours', C: `${A} and ${B}` });
  const environment = (env: NodeJS.ProcessEnv, text: string) =>
    createEnvironments({ env, suggest, envFiles: [write(t, text)], cwd: '/' })(1, null);
  const both = { A: 'mine', B: 'file', C: 'mine and file' };
  assert.deepEqual(environment({ A: 'mine' }, 'B=file'), { env: both });
  assert.deepEqual(environment({ C: 'mine' }, 'A=file'), { env: { A: 'file', C: 'mine' } });
});
