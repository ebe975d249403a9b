// How changes read in one line.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeChange } from '../../src/watch/what-changed.js';
import { directoryWith } from './watching.js';

test('one, two, many', () => {
  assert.equal(describeChange(['/app/src/a.js'], '/app'), 'src/a.js');
  assert.equal(describeChange(['/app/src/a.js', '/app/b.js'], '/app'), 'src/a.js and b.js');
  const many = Array.from({ length: 13 }, (_, i) => `/app/${i}.js`);
  assert.equal(describeChange(many, '/app'), '0.js and 12 more');
  assert.equal(describeChange(many.slice(0, 3), '/app'), '0.js and 2 more');
});

test('the shorter name of what is elsewhere', () => {
  assert.equal(describeChange(['/mono/lib/a.js'], '/mono/web'), '../lib/a.js');
  assert.equal(describeChange(['/etc/app.json'], '/srv/very/deep'), '/etc/app.json');
});

test('a working directory that is named by a link', (t) => {
  const directory = directoryWith(t, []);
  mkdirSync(join(directory, 'releases/1'), { recursive: true });
  symlinkSync('releases/1', join(directory, 'current'));
  const cwd = join(directory, 'current');
  assert.equal(describeChange([join(directory, 'releases/1/app.js')], cwd), 'app.js');
  assert.equal(describeChange([join(cwd, 'app.js')], cwd), 'app.js');
  assert.equal(describeChange([cwd], cwd), cwd);
  assert.equal(describeChange([cwd], join(cwd, 'sub')), cwd);
});
