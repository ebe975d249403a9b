// Fails unless the package contains the files that are used after an installation, and no others.
//   node .ci/packed-files.mjs            after a build: compares
//   node .ci/packed-files.mjs --write    after a build: writes the list `files` in package.json
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

process.chdir(join(import.meta.dirname, '..'));

/** Two thirds of the package are the bundle and its source map; a new large file has to be noticed. */
const LARGEST_PACKAGE_BYTES = 350_000;
/** npm packs these by itself. */
const ALWAYS_PACKED = ['package.json', 'README.md', 'LICENSE'];
const SUPPORTING_FILES = ['CHANGELOG.md', 'bin/graceful-run.js', 'bin/package.json'];

/** `start` and the files that it imports, directly or not. */
function closureOf(start, extension, found = new Set()) {
  if (found.has(start)) return found;
  found.add(start);
  const text = readFileSync(start, 'utf8');
  for (const [, path] of text.matchAll(/(?:from|import\() ?['"](\.[^'"]+)\.js['"]/g)) {
    closureOf(normalize(join(dirname(start), path + extension)), extension, found);
  }
  return found;
}

/** Files that the source names by `inPackage('...')`, because another process runs them. */
function filesRunByPath() {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join('src', name), 'utf8'));
  const named = sources
    .flatMap((text) => [...text.matchAll(/inPackage\('([^']+\.\w+)'\)/g)])
    .map(([, path]) => path)
    .filter((path) => ![...ALWAYS_PACKED, ...SUPPORTING_FILES].includes(path));
  return [...new Set(named)].flatMap((path) =>
    path.endsWith('.js') ? [...closureOf(path, '.js')] : [path],
  );
}

function expectedFiles() {
  const { exports } = manifest;
  const entries = Object.values(exports).filter((entry) => typeof entry === 'object');
  const libraries = entries.flatMap((entry) => [
    ...closureOf(normalize(entry.default), '.js'),
    ...closureOf(normalize(entry.types), '.d.ts'),
  ]);
  const bundles = ['dist/src/graceful-run.cjs', ...filesRunByPath()];
  const maps = bundles.map((path) => `${path}.map`).filter((path) => existsSync(path));
  return [...new Set([...SUPPORTING_FILES, ...libraries, ...bundles, ...maps])].sort();
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const expected = expectedFiles();
if (process.argv.includes('--write')) {
  writeFileSync('package.json', `${JSON.stringify({ ...manifest, files: expected }, null, 2)}\n`);
}

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], { encoding: 'utf8' }),
);
const isBundledDependency = (path) => path.startsWith('node_modules/node-systemd-notify/');
const paths = packed.files.map(({ path }) => path);
const own = paths.filter((path) => !isBundledDependency(path) && !ALWAYS_PACKED.includes(path));
assert.deepEqual(own.sort(), expected, 'run: npm run build && npm run check:package -- --write');
assert.ok(paths.some(isBundledDependency), 'node-systemd-notify is in the package');
assert.ok(packed.size <= LARGEST_PACKAGE_BYTES, `the package has ${packed.size} bytes`);
const { sources } = JSON.parse(readFileSync('dist/src/graceful-run.cjs.map', 'utf8'));
assert.ok(
  sources.includes('../../src/core/step-fleet.ts'),
  'the source map leads to the source files',
);
console.log(`package: ${paths.length} files, ${packed.size} bytes, as expected`);
