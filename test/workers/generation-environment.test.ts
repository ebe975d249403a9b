// Env files are read once for each generation: its later workers get what its first one got.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEnvironments } from '../../src/workers/generation-environment.js';
import { scratch } from '../helpers/supervisor.js';

test('the files are read once for each generation, and the environment of the master wins', (t) => {
  const cwd = scratch(t);
  const write = (text: string) => writeFileSync(join(cwd, '.env'), text);
  const env = { OWN: 'master' };
  const of = createEnvironments({ env, suggest: () => ({}), envFiles: ['.env'], cwd });
  write('OWN=file\nA=1\nB=1');
  assert.deepEqual(of(1, null), { env: { A: '1', B: '1', OWN: 'master' } });
  write('A=2');
  assert.deepEqual(of(2, 1), { env: { A: '2', OWN: 'master' } });
  write('A');
  assert.match(JSON.stringify(of(3, 2)), /"problem":"env file .*line 1/);
  // A problem is the same for all workers of a generation, too.
  write('A=4');
  assert.ok('problem' in of(3, 2));
  assert.deepEqual(of(2, 2), { env: { A: '2', OWN: 'master' } });
  assert.deepEqual(of(4, 2), { env: { A: '4', OWN: 'master' } });
  // Generation 2 served until now. Generation 3 was given up and is forgotten.
  write('A=5');
  assert.deepEqual(of(2, 4), { env: { A: '2', OWN: 'master' } });
  assert.deepEqual(of(3, 4), { env: { A: '5', OWN: 'master' } });
});

test('a relative path follows the link in the working directory anew for each generation', (t) => {
  const root = scratch(t);
  const cwd = join(root, 'current');
  for (const release of ['1', '2']) {
    mkdirSync(join(root, release));
    writeFileSync(join(root, release, '.env'), `RELEASE=${release}`);
  }
  const of = createEnvironments({ env: {}, suggest: () => ({}), envFiles: ['.env'], cwd });
  symlinkSync('1', cwd);
  assert.deepEqual(of(1, null), { env: { RELEASE: '1' } });
  rmSync(cwd);
  symlinkSync('2', cwd);
  assert.deepEqual(of(2, 1), { env: { RELEASE: '2' } });
});

test('defaults see the files and the environment of the master, and win over neither', (t) => {
  const cwd = scratch(t);
  const suggest = ({ A, B }: NodeJS.ProcessEnv) => ({ A: 'ours', C: `${A} and ${B}` });
  const environment = (env: NodeJS.ProcessEnv, text: string) => {
    writeFileSync(join(cwd, '.env'), text);
    const base = createEnvironments({ env, suggest, envFiles: ['.env'], cwd })(1, null);
    return 'env' in base && base.env;
  };
  assert.deepEqual(environment({}, ''), { A: 'ours', C: 'undefined and undefined' });
  assert.deepEqual(environment({ A: 'mine' }, 'B=file'), {
    A: 'mine',
    B: 'file',
    C: 'mine and file',
  });
  assert.deepEqual(environment({ C: 'mine' }, 'A=file'), { A: 'file', C: 'mine' });
});
