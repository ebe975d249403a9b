// Prepares a release: checks, tests, packs, and tags. It never publishes: the last line says how.
//   npm run release              the version is the one in package.json
//   npm run release -- --check   the checks only: no tests, no tag
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

process.chdir(join(import.meta.dirname, '..'));

const run = (command, ...args) => execFileSync(command, args, { stdio: 'inherit' });
const outputOf = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' }).trim();
const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** What has to be mended before a release of `version`, as sentences. */
function problemsOf(version) {
  const problems = [];
  const inner = manifestOf('native-free-shims/node-systemd-notify');
  const pinned = manifestOf('.').dependencies[inner.name];
  const locked = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  if (outputOf('git', 'status', '--porcelain') !== '')
    problems.push('The work tree is not clean: commit or remove the changes.');
  if (outputOf('git', 'tag', '--list', `v${version}`) !== '')
    problems.push(`The tag v${version} exists: raise the version in package.json.`);
  if (inner.version !== version)
    problems.push(`${inner.name} has version ${inner.version}, this package has ${version}.`);
  if (pinned !== inner.version)
    problems.push(`package.json depends on ${inner.name} ${pinned}, not on ${inner.version}.`);
  if (locked.version !== version)
    problems.push(`package-lock.json names version ${locked.version}: run npm install.`);
  const heading = new RegExp(
    `^## ${version.replaceAll('.', '\\.')} \\(\\d{4}-\\d{2}-\\d{2}\\)$`,
    'm',
  );
  if (!heading.test(changelog))
    problems.push(`CHANGELOG.md has no heading "## ${version} (YYYY-MM-DD)".`);
  return problems;
}

const { version } = manifestOf('.');
const problems = problemsOf(version);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`ready for the release of ${version}`);
if (!process.argv.includes('--check')) {
  run('npm', 'cit');
  run('npm', 'run', '-s', 'check:package');
  run('npm', 'pack', '--ignore-scripts');
  run('git', 'tag', '--annotate', '--message', `graceful-run ${version}`, `v${version}`);
  console.log(`tagged v${version}; publish with: npm publish graceful-run-${version}.tgz`);
}
