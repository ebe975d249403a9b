// Lines of workers as `--output json` shows them: records in the format of pino. Pure.
import { escapeJsonControls } from '../text/sanitize.js';
import type { OutputLine } from './line-splitter.js';
import type { WorkerLabel } from './prefix-format.js';

export type StreamName = 'stdout' | 'stderr';

/** Levels of pino, info and warn: a line on stderr is not always a problem, but it can be searched for. */
const LEVELS = { stdout: 30, stderr: 40 } as const;

/** The record for a line, with its newline. A line that is a JSON object is kept, and its own keys win. */
export function formatJson(
  line: OutputLine,
  label: WorkerLabel,
  stream: StreamName,
  at: Date,
): Buffer {
  const { name, generation, slot: worker, pid: workerPid } = label;
  const text = line.bytes.toString('utf8');
  const facts = {
    level: LEVELS[stream],
    time: at.toISOString(),
    ...{ name, generation, worker, workerPid, stream },
  };
  const own = line.isContinuation || line.isContinued ? null : parseObject(text);
  const partial = line.isContinued && { partial: true };
  const json = own
    ? addMissing(text.trim(), own, facts)
    : JSON.stringify({ ...facts, ...partial, msg: text });
  // It may be read at a terminal.
  return Buffer.from(`${escapeJsonControls(json)}\n`);
}

function parseObject(text: string): object | null {
  if (!/^\s*\{.*\}\s*$/s.test(text)) return null;
  try {
    return JSON.parse(text) as object;
  } catch {
    return null;
  }
}

/** The object is not formatted anew: it may have numbers that JavaScript would round. */
function addMissing(text: string, own: object, facts: object): string {
  const missing = Object.entries(facts).filter(([key]) => !Object.hasOwn(own, key));
  if (missing.length === 0) return text;
  const added = JSON.stringify(Object.fromEntries(missing)).slice(1);
  return `${text.slice(0, -1)}${Object.keys(own).length > 0 ? ',' : ''}${added}`;
}
