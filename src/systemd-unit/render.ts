// The text of a unit file: sections, keys, and above each key that needs one the reason for it.
import { knows } from './key-versions.js';

export interface Line {
  readonly key: string;
  readonly value: string | number;
  readonly why?: string;
}

export interface Section {
  readonly title: string;
  /** Null stands for an empty line. */
  readonly lines: readonly (Line | null)[];
}

export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

const WIDTH = 96;

export function line(key: string, value: string | number, why?: string): Line {
  return why === undefined ? { key, value } : { key, value, why };
}

/** Leaves out the keys that this systemd does not know. */
export function unitText(
  head: readonly string[],
  sections: readonly Section[],
  systemd: number,
): string {
  const parts = sections.map(({ title, lines }) => [
    `[${title}]`,
    ...lines.flatMap((one) => {
      if (one === null) return [''];
      if (!knows(systemd, one.key)) return [];
      const reason = one.why === undefined ? [] : comment(one.why);
      return [...reason, `${one.key}=${one.value}`];
    }),
  ]);
  return [head.flatMap(comment), ...parts].map((part) => `${part.join('\n')}\n`).join('\n');
}

function comment(text: string): string[] {
  const lines: string[] = [];
  let current = '#';
  for (const word of text.split(' ')) {
    if (current.length + 1 + word.length > WIDTH) {
      lines.push(current);
      current = '#';
    }
    current += ` ${word}`;
  }
  return [...lines, current];
}
