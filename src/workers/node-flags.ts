// What stands between `node` and the script.

/** They take the next word for their value, unless it stands behind a `=`: `node --help` of 20 to 26. */
const WITH_VALUE = new Set(
  (
    '-r --require --debug-port --build-snapshot-config --max-old-space-size-percentage ' +
    '--network-family-autoselection-attempt-timeout --test-name-pattern --test-skip-pattern ' +
    '--test-reporter --test-reporter-destination --test-concurrency --test-timeout --test-shard ' +
    '--test-isolation --test-global-setup --test-rerun-failures --test-random-seed ' +
    '--import --loader --experimental-loader -C --conditions --env-file --env-file-if-exists ' +
    '-e --eval -p --print --title --input-type --run --watch-path --watch-kill-signal --inspect-port ' +
    '--inspect-publish-uid --disable-warning --disable-proto --unhandled-rejections --dns-result-order ' +
    '--max-http-header-size --icu-data-dir --openssl-config --redirect-warnings --diagnostic-dir ' +
    '--experimental-config-file --experimental-default-type --localstorage-file --v8-pool-size ' +
    '--allow-fs-read --allow-fs-write --tls-cipher-list --tls-keylog --secure-heap --secure-heap-min ' +
    '--cpu-prof-dir --cpu-prof-interval --cpu-prof-name --heap-prof-dir --heap-prof-interval ' +
    '--heap-prof-name --heapsnapshot-near-heap-limit --heapsnapshot-signal --report-directory ' +
    '--report-dir --report-filename --report-signal --trace-event-categories ' +
    '--trace-event-file-pattern --snapshot-blob'
  ).split(' '),
);
const WATCHES = /^--watch(-path)?(=|$)/;
const ONLY_WATCHES = /^--watch(-path|-kill-signal|-preserve-output)?(=|$)/;

interface NodeLine {
  /** Each with its value. */
  readonly flags: readonly (readonly string[])[];
  /** The script and its arguments. */
  readonly rest: readonly string[];
}

/** Of what follows `node`. */
function split(args: readonly string[]): NodeLine {
  const flags: string[][] = [];
  let at = 0;
  while (/^-./.test(args[at] ?? '') && args[at] !== '--') {
    const length = takesNext(args[at] ?? '') ? 2 : 1;
    flags.push(args.slice(at, at + length));
    at += length;
  }
  return { flags, rest: args.slice(at) };
}

/** `--import` has its value in the next word, `--import=tsx` has not. */
export const takesNext = (flag: string): boolean => WITH_VALUE.has(flag);

/** The flag by which Node runs the app in another process, which it starts for it; null for none. */
export function launchingFlag(args: readonly string[]): '--watch' | '--run' | null {
  const words = split(args).flags.map(([flag = '']) => flag);
  if (words.some((flag) => /^--run(=|$)/.test(flag))) return '--run';
  return words.some((flag) => WATCHES.test(flag)) ? '--watch' : null;
}

/** The same line, which no longer watches. */
export function withoutWatching(args: readonly string[]): string[] {
  const { flags, rest } = split(args);
  return [...flags.filter(([flag = '']) => !ONLY_WATCHES.test(flag)).flat(), ...rest];
}

/** What `node --run` runs: the name of a script of package.json, and what is passed on to it. */
export function scriptRun(args: readonly string[]): readonly [name: string, ...args: string[]] {
  const { flags, rest } = split(args);
  const [flag = '', value] = flags.find(([one = '']) => /^--run(=|$)/.test(one)) ?? [];
  const passed = rest[0] === '--' ? rest.slice(1) : rest;
  return [value ?? flag.slice('--run='.length), ...passed];
}
