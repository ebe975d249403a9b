// What of a tree is not watched.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createIgnoreRules } from '../../src/reload-on-change/ignore-rules.js';
import { directoryWith, write } from './watching.js';

interface Place {
  readonly base: string;
  readonly root?: string;
  readonly cwd?: string;
  readonly patterns?: readonly string[];
}

/** Reads the .gitignore of the directories `read` as a walk through the tree would. */
function rulesOf({ base, root = '.', cwd = root, patterns = [] }: Place, read: string[] = ['.']) {
  const at = join(base, root);
  const rules = createIgnoreRules(at, join(base, cwd), patterns);
  for (const one of read) rules.read(join(at, one));
  return {
    rules,
    file: (path: string) => rules.ignores(join(at, path), false),
    directory: (path: string) => rules.ignores(join(at, path), true),
  };
}

const open = (t: TestContext, files: Record<string, string> = {}) => {
  const base = directoryWith(t, []);
  for (const [path, text] of Object.entries(files)) write(join(base, path), text);
  return base;
};

test('what other tools write is ignored', (t) => {
  const { file, directory } = rulesOf({ base: open(t) });
  for (const one of ['node_modules', '.git', 'dist', 'packages/x/node_modules', '.next', 'venv']) {
    assert.ok(directory(one), one);
  }
  const leftovers = ['4913', '.a.js.swp', 'a.js~', '.#a.js', '#a.js#', '.goutputstream-X1Y2Z3'];
  for (const one of [...leftovers, 'a.js___jb_tmp___', 'a.js___jb_old___', 'npm.log', 'x/y.pyc']) {
    assert.ok(file(one), one);
  }
  for (const one of ['a.js', 'src/a.ts', '.env', 'distance.js', 'views/a.html', '#a.js', '49130']) {
    assert.ok(!file(one), one);
  }
});

test('of nested .gitignore files the inner one decides', (t) => {
  const base = open(t, {
    '.gitignore': '# made\n/made\n*.gen.js\n\nkeep/*.txt\n',
    'sub/.gitignore': '!a.gen.js\nlocal\n/top.js\r\ndeep/x.js\n',
    'odd [1]/.gitignore': '*.js\n',
  });
  const { file, directory } = rulesOf({ base }, ['.', 'sub', 'odd [1]']);
  assert.ok(directory('made') && !directory('sub/made'));
  assert.ok(file('x/b.gen.js') && !file('sub/a.gen.js') && !file('sub/x/a.gen.js'));
  assert.ok(file('keep/a.txt') && !file('x/keep/a.txt'));
  assert.ok(directory('sub/x/local') && !directory('local'));
  assert.ok(file('sub/top.js') && !file('sub/x/top.js') && file('sub/deep/x.js'));
  assert.ok(file('odd [1]/a.js') && !file('odd 1/a.js'));
});

test('a .gitignore above the root counts up to the top of the repository', (t) => {
  const base = open(t, { '.gitignore': 'outside', 'repo/.gitignore': 'inside\n/app/here\n' });
  mkdirSync(join(base, 'repo/.git'));
  mkdirSync(join(base, 'repo/app'));
  const { rules, file } = rulesOf({ base, root: 'repo/app' });
  assert.deepEqual(rules.above, [join(base, 'repo')]);
  assert.ok(file('inside') && file('x/inside') && file('here'));
  assert.ok(!file('outside') && !file('x/here'));
});

test('without a repository no .gitignore above the root counts', (t) => {
  const base = open(t, { '.gitignore': 'outside', 'app/a.js': '' });
  assert.ok(!rulesOf({ base, root: 'app' }).file('outside'));
});

test('in a directory that is ignored and yet watched the rules that ignore it do not count', (t) => {
  const base = open(t, { '.gitignore': 'made\n*.x', 'made/dist/a.js': '' });
  mkdirSync(join(base, '.git'));
  const made = rulesOf({ base, root: 'made' });
  assert.deepEqual(made.rules.above, []);
  assert.ok(!made.file('a.js') && made.directory('dist'));
  const dist = rulesOf({ base, root: 'made/dist' });
  assert.ok(!dist.file('a.js'));
});

test('--watch-ignore overrides every .gitignore', (t) => {
  const base = open(t, { '.gitignore': 'generated/\n' });
  const patterns = ['*.md', '!dist', '!generated', '/web/only', '!important.log'];
  const { file, directory } = rulesOf({ base, patterns });
  assert.ok(file('a.md') && file('x/a.md') && file('web/only') && !file('x/web/only'));
  assert.ok(!directory('dist') && !file('dist/a.js') && !directory('generated'));
  assert.ok(!file('generated/a.js') && !file('important.log') && file('other.log'));
});

test('a pattern of --watch-ignore is relative to the working directory, also for a root below it', (t) => {
  const base = open(t, { 'src/a.js': '' });
  const { file } = rulesOf({
    base,
    root: 'src',
    cwd: '.',
    patterns: ['/src/a.js', 'b.js', '/c.js'],
  });
  assert.ok(file('a.js') && file('b.js') && file('x/b.js'));
  assert.ok(!file('x/a.js') && !file('c.js'));
});

test('a name in --watch-ignore also holds where the root is outside of the working directory', (t) => {
  const base = open(t, { 'app/a.js': '', 'lib/b.js': '' });
  mkdirSync(join(base, '.git'));
  const patterns = ['state.json', '/here.json'];
  const beside = rulesOf({ base, root: 'lib', cwd: 'app', patterns });
  assert.ok(beside.file('state.json') && beside.file('x/state.json') && !beside.file('here.json'));
  const above = rulesOf({ base, root: '.', cwd: 'app', patterns });
  assert.ok(above.file('lib/state.json') && above.file('app/here.json'));
  assert.ok(!above.file('here.json') && !above.file('lib/here.json'));
});

test('a .gitignore that has changed is read again', (t) => {
  const base = open(t, { '.gitignore': 'a.js\n' });
  const { rules, file } = rulesOf({ base });
  write(join(base, '.gitignore'), 'b.js\n');
  rules.read(base);
  assert.ok(!file('a.js') && file('b.js'));
});
