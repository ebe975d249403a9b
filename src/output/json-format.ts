// Lines as records of pino. What is a record already stays as it is, and says besides from which worker it came.
import { tameJson } from '../text/sanitize.js';
import type { Line } from './line-splitter.js';
import type { Speaker } from './styles.js';

export type StreamName = 'stdout' | 'stderr';

/** Of pino: a line on stderr may be harmless, but somebody should be able to find it. */
const LEVELS = { stdout: 30, stderr: 40 } as const;

/** The record for a line, with its newline. A line that is an object is kept, and its own keys win. */
export function recordOf(line: Line, speaker: Speaker, stream: StreamName, at: Date): Buffer {
  const { name, generation, slot: worker, pid: workerPid } = speaker;
  const text = line.bytes.toString('utf8');
  const facts = {
    level: LEVELS[stream],
    time: at.toISOString(),
    ...{ name, generation, worker, workerPid, stream },
  };
  const own = line.continued || line.continues ? null : objectIn(text);
  if (own) return record(completed(text.trim(), own, facts));
  const partial = line.continues && { partial: true };
  return record(JSON.stringify({ ...facts, ...partial, msg: text }));
}

/** Its reader may be a terminal. */
function record(json: string): Buffer {
  return Buffer.from(`${tameJson(json)}\n`);
}

function objectIn(text: string): object | null {
  if (!/^\s*\{.*\}\s*$/s.test(text)) return null;
  try {
    return JSON.parse(text) as object;
  } catch {
    return null;
  }
}

/** Its text is not made anew: a number may be longer than JavaScript can count. */
function completed(text: string, own: object, facts: object): string {
  const missing = Object.entries(facts).filter(([key]) => !Object.hasOwn(own, key));
  if (missing.length === 0) return text;
  const added = JSON.stringify(Object.fromEntries(missing)).slice(1);
  return `${text.slice(0, -1)}${Object.keys(own).length > 0 ? ',' : ''}${added}`;
}
