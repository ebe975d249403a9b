// Why a request failed: the reason of the master and the last lines of the worker, without saying anything twice. Pure.
import { plain } from '../text/sanitize.js';

/**
 * Lines; the reason is in the first. They can be shown on a terminal if those of `output` can: not every reason is
 * made by the master alone.
 */
export function verdict(reason: string, output: readonly string[]): string[] {
  const told = plain(reason).split('\n');
  const whole = wholeException(told, output);
  if (whole) return [...whole.told, ...lastLines(whole.others)];
  // The first of them follows how the worker ended.
  const said = new Set(told.map((line) => line.trim()));
  const first = told[0] ?? '';
  const isNew = (line: string) => !said.has(line.trim()) && !endsWith(first, line);
  return [...told, ...lastLines(output.filter(isNew))];
}

function lastLines(lines: readonly string[]): string[] {
  const shown = lines.filter((line) => line.trim() !== '').map((line) => `  ${line}`);
  return shown.length === 0 ? [] : ['last lines of the worker:', ...shown];
}

/**
 * The reason has the first calls of an exception only. Where the worker has written all of it, that is told in its
 * place, so that it can be read in one piece; null where it has not.
 */
function wholeException([first = '', ...rest]: readonly string[], output: readonly string[]) {
  const begin = rest.length === 0 ? -1 : output.findLastIndex((line) => endsWith(first, line));
  if (begin === -1) return null;
  let end = begin + 1;
  for (const wanted of rest) {
    while (isBetween(output[end]) && output[end]?.trim() !== wanted.trim()) end += 1;
    if (output[end]?.trim() !== wanted.trim()) return null;
    end += 1;
  }
  while (isCall(output[end])) end += 1;
  // Its own properties follow in braces.
  const close = output[end - 1]?.endsWith(' {') ? output.indexOf('}', end) : -1;
  end = Math.max(end, close + 1);
  return {
    told: [first, ...output.slice(begin + 1, end).filter((line) => line.trim() !== '')],
    others: [...output.slice(0, begin), ...output.slice(end)],
  };
}

function endsWith(first: string, line: string): boolean {
  return line.trim() !== '' && first.endsWith(`: ${line.trim()}`);
}

/** What the reason leaves out: empty lines and further calls. */
function isBetween(line: string | undefined): boolean {
  return line?.trim() === '' || isCall(line);
}

function isCall(line: string | undefined): boolean {
  return line !== undefined && /^\s+at /.test(line);
}
