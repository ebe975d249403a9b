// What waits, for how long, and what is said of it; and that what is said helps.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createHeldChanges } from '../../src/reload-on-change/held-changes.js';
import { directoryWith, watching, write } from './watching.js';

const CWD = '/srv/app';

/** Somebody's working day on a clock of its own. Without `boots`, nothing is started when a change is passed on. */
function day(t: TestContext, { cwd = CWD, boots = 0, isLoaded = false, poll = 0 } = {}) {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let time = 0;
  let generation = 0;
  let booting: NodeJS.Timeout | undefined;
  const passed: { at: number; files: readonly string[] }[] = [];
  const troubles: string[] = [];
  /** What the app writes, so many milliseconds after it was spawned. */
  const writes: { after: number; files: (generation: number) => string[] }[] = [];
  const changes = createHeldChanges({
    cwd,
    poll,
    isLoaded: () => isLoaded,
    pass(files) {
      passed.push({ at: time, files });
      if (boots > 0) start();
    },
    trouble: (text) => troubles.push(text),
    clock: () => time,
  });

  function start(): void {
    generation += 1;
    const mine = generation;
    changes.began(mine);
    clearTimeout(booting);
    booting = setTimeout(() => changes.ended(), boots);
    for (const { after, files } of writes) {
      setTimeout(() => mine === generation && change(files(mine)), after);
    }
  }

  function change(files: readonly string[]): void {
    changes.changed(files.map((file) => join(cwd, file)));
  }

  function rest(ms: number): void {
    for (const end = time + ms; time < end; ) {
      time += 10;
      t.mock.timers.tick(10);
    }
  }

  return { passed, troubles, writes, start, change, rest };
}

test('what the app writes at each start waits longer and longer, and is named in the end', (t) => {
  const { passed, troubles, writes, start, rest } = day(t, { boots: 300 });
  writes.push({ after: 400, files: () => ['state.json'] });
  start();
  rest(9000);
  assert.deepEqual(
    passed.map(({ at }, i) => at - (passed[i - 1]?.at ?? 0)),
    [400, 400, 400, 400, 400, 900, 1400, 2400],
  );
  assert.deepEqual(troubles, [
    'state.json changes at every start, which is now waited for; if the app writes it: --watch-ignore /state.json',
  ]);
  rest(60_000);
  assert.equal(troubles.length, 1);
});

test('also when it writes several times in a start', (t) => {
  const { passed, troubles, writes, start, rest } = day(t, { boots: 2000 });
  for (const after of [500, 900, 1700, 2800]) writes.push({ after, files: () => ['state.json'] });
  start();
  rest(60_000);
  assert.equal(troubles.length, 1);
  assert.ok(passed.length < 15, `passed ${passed.length} times`);
});

test('and what it loads after that', (t) => {
  const { passed, troubles, writes, start, rest } = day(t, { boots: 100, isLoaded: true });
  // It is told a moment later than it happens.
  writes.push({ after: 150, files: () => ['build-info.json'] });
  start();
  rest(60_000);
  assert.match(troubles.join(), /^build-info\.json changes/);
  assert.ok(passed.length < 15, `passed ${passed.length} times`);
});

test('looking again and again tells of it later still', (t) => {
  const { troubles, writes, start, rest } = day(t, { boots: 100, isLoaded: true, poll: 250 });
  writes.push({ after: 400, files: () => ['build-info.json'] });
  start();
  rest(20_000);
  assert.equal(troubles.length, 1);
});

test('somebody who saves what is loaded as soon as it serves never waits', (t) => {
  const { passed, start, change, rest } = day(t, { boots: 200, isLoaded: true });
  start();
  for (let i = 0; i < 30; i += 1) {
    rest(600);
    change(['app.js']);
    assert.equal(passed.length, i + 1);
  }
});

test('somebody who saves every other second is not accused, whatever the app needs to boot', (t) => {
  for (const boots of [200, 1000, 3000, 8000]) {
    for (const isLoaded of [true, false]) {
      for (const every of [300, 900, 1400, 1900]) {
        const { passed, troubles, start, change, rest } = day(t, { boots, isLoaded });
        start();
        for (let i = 0; i < 40; i += 1) {
          change(['app.js']);
          rest(every);
        }
        rest(boots + 10_000);
        const which = `every ${every} ms, boots for ${boots} ms, loaded: ${isLoaded}`;
        assert.deepEqual(troubles, [], which);
        assert.ok(passed.length > 5, which);
      }
    }
  }
});

test('nor is who saves now and then during a long start', (t) => {
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (const [boots, every, spread] of [
    ...[[3000, 2400, 800] as const, [5000, 3000, 2000] as const, [8000, 5000, 5000] as const],
    ...[[4000, 4000, 4000] as const, [10_000, 8000, 8000] as const],
  ]) {
    for (const isLoaded of [true, false]) {
      const { troubles, start, change, rest } = day(t, { boots, isLoaded });
      start();
      for (let i = 0; i < 60; i += 1) {
        change(['app.js']);
        rest(every + (random() - 0.5) * spread);
      }
      assert.deepEqual(troubles, [], `boots for ${boots} ms, saved about every ${every} ms`);
    }
  }
});

test('a save beside it passes both at once, without a word', (t) => {
  const { passed, troubles, writes, start, change, rest } = day(t, { boots: 300 });
  writes.push({ after: 400, files: () => ['state.json'] });
  start();
  rest(5500);
  const { length } = passed;
  change(['app.py']);
  assert.deepEqual(passed[length]?.files, ['state.json', 'app.py']);
  assert.deepEqual(troubles, []);
});

test('several are named together', (t) => {
  const said = (files: (generation: number) => string[], cwd = CWD) => {
    const { troubles, writes, start, rest } = day(t, { boots: 100, cwd });
    writes.push({ after: 110, files });
    start();
    rest(20_000);
    return troubles.join('\n');
  };
  assert.equal(
    said(() => ['a.json', 'b c.json']),
    "a.json and b c.json change at every start, which is now waited for; if the app writes them: --watch-ignore /a.json --watch-ignore '/b\\ c.json'",
  );
  assert.match(
    said(() => ['a.json', 'b.json', 'c.json']),
    /^a\.json and 2 more change .*: --watch-ignore \/a\.json --watch-ignore \/b\.json --watch-ignore \/c\.json$/,
  );
  assert.match(
    said(() => ['1', '2', '3', '4']),
    /^1 and 3 more change .*: --watch-ignore with a pattern that fits them all, or the directory that they are in$/,
  );
  assert.equal(
    said((generation) => [`tmp/x${generation}.json`, `tmp/${generation}.json`]),
    "tmp/x*.json and tmp/*.json change at every start, which is now waited for; if the app writes them: --watch-ignore '/tmp/x*.json' --watch-ignore '/tmp/[0-9a-f]*.json'",
  );
});

/** What a shell makes of the end of the warning. */
function patternsIn(warning: string): string[] {
  const words = warning.slice(warning.indexOf(': --watch-ignore ') + 2);
  // Whoever copies it copies spaces: the log prints no control character.
  const printed = words.replace(/\p{Cc}/gu, ' ');
  const read = execFileSync('sh', ['-c', `printf '%s\\0' ${printed}`], { encoding: 'utf8' });
  return read.split('\0').filter((word) => word !== '' && word !== '--watch-ignore');
}

test('what is advised helps, whatever the file is called and why ever it is watched', async (t) => {
  const NAMES = [
    '.env',
    'two words',
    "it's",
    '[a]*?',
    '!a',
    '#a',
    'tab\there',
    'line\nbreak',
    'b\\s',
  ];
  const numbered = (generation: number) => `data/x${4000 + generation}-1.json`;
  const base = directoryWith(t, [
    'app/witness',
    'app/data/other',
    ...NAMES.map((name) => `app/in/${name}`),
  ]);
  const cwd = join(base, 'app');
  for (const name of ['package.json', 'local.env', 'named.json', '../outside.json']) {
    write(join(cwd, name), '');
  }
  const files = [...NAMES.map((name) => `in/${name}`), 'package.json', 'local.env', 'named.json'];
  const advised = [...files, '../outside.json', numbered].flatMap((file) => {
    const { troubles, writes, start, rest } = day(t, { boots: 100, cwd });
    writes.push({ after: 110, files: (i) => [typeof file === 'string' ? file : file(i)] });
    start();
    rest(20_000);
    assert.equal(troubles.length, 1, String(file));
    return patternsIn(troubles[0] ?? '');
  });
  t.mock.timers.reset();

  const path = (name: string) => join(cwd, name);
  const always = ['package.json', 'local.env'].map(path);
  const modes = {
    loaded: [],
    named: [...files, 'witness', '../outside.json'].map(path),
    tree: [cwd, path('../outside.json')],
  };
  for (const [mode, paths] of Object.entries(modes)) {
    const write = (name: string) => appendFileSync(path(name), 'more');
    const all = [...files, '../outside.json', ...(mode === 'tree' ? [numbered(77)] : [])];
    const open = async (ignore: readonly string[]) => {
      const it = await watching(t, cwd, { paths, always, ignore });
      for (const file of [...all, 'witness']) it.watch.loaded(path(file));
      return it;
    };
    const before = await open([]);
    const after = await open(advised);
    for (const name of all) write(name);
    write('witness');
    const seen = await before.told('witness');
    for (const name of all) assert.ok(seen.flat().includes(name), `${mode}: ${name}`);
    const left = await after.told('witness');
    assert.deepEqual(
      left.flat().filter((name) => all.includes(name)),
      [],
      mode,
    );
    await before.watch.close();
    await after.watch.close();
  }
});
