// The text of a unit file. A comment above a line says why the line is there.
import { knows } from './key-versions.js';

export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

const WIDTH = 96;

/** `lines` if the condition holds, else nothing. */
export function when(condition: boolean, ...lines: readonly string[]): readonly string[] {
  return condition ? lines : [];
}

/**
 * Joins lines: `[Section]`, `Key=value`, an empty one, or `# comment`, which is wrapped. Leaves out the keys that this
 * systemd does not know, with the comments above them.
 */
export function unitText(lines: readonly string[], systemd: number): string {
  const text: string[] = [];
  let comments: string[] = [];
  for (const line of lines) {
    if (line.startsWith('# ')) {
      comments.push(...wrap(line));
      continue;
    }
    const key = /^\w+(?==)/.exec(line)?.[0];
    if (key === undefined || knows(systemd, key)) text.push(...comments, line);
    comments = [];
  }
  return `${text.join('\n')}\n`;
}

function wrap(comment: string): string[] {
  const lines: string[] = [];
  let current = '#';
  for (const word of comment.slice('# '.length).split(' ')) {
    if (current.length + 1 + word.length > WIDTH) {
      lines.push(current);
      current = '#';
    }
    current += ` ${word}`;
  }
  return [...lines, current];
}
