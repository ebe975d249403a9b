// Lines that are held back until the log is open, as a separate process writes them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const library = new URL('../../src/log/logger.js', import.meta.url).href;

interface Written {
  readonly msg: string;
  readonly level: number;
  readonly time: string;
  readonly worker?: number;
}

/** What `script` has written with `log` by its end. */
function written(level: string, script: string): Written[] {
  const program = `import { createLog } from ${JSON.stringify(library)};
    const log = createLog('${level}', 'json', process.env);
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    ${script}`;
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stderr
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Written);
}

test('lines that were held back come first, in order, each with its own time', () => {
  const lines = written(
    'info',
    `log.info({ worker: 1 }, 'first'); log.debug('too fine'); log.warn('second');
    await pause(30); log.open(); log.info('third');`,
  );
  const told = lines.map(({ msg, level, worker }) => `${level} ${msg} ${worker ?? ''}`);
  assert.deepEqual(told, ['30 first 1', '40 second ', '30 third ']);
  const [first = 0, , third = 0] = lines.map(({ time }) => Date.parse(time));
  assert.ok(third - first >= 25, `${third - first} ms`);
});

test('the log opens with an error, which may be the last line, and by itself after half a second', () => {
  const ends = `log.info('before'); log.error('the end'); process.exit(0);`;
  const waits = `log.info('before'); await pause(600); process.reallyExit(0);`;
  assert.deepEqual(
    [ends, waits].map((script) => written('info', script).map(({ msg }) => msg)),
    [['before', 'the end'], ['before']],
  );
});

test('the level is known before the log is open', () => {
  const levels = `['trace', 'debug', 'info', 'warn', 'error'].map((name) => log.isLevelEnabled(name))`;
  const [line] = written('warn', `log.error(JSON.stringify(${levels}));`);
  assert.deepEqual(JSON.parse(line?.msg ?? ''), [false, false, false, true, true]);
  assert.deepEqual(written('silent', `log.error('unheard');`), []);
});
