// The text of a unit file, with the keys that its systemd knows: another one would be a warning in the journal at each start.
// A comment above a line says why the line is there.

export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

const WIDTH = 96;

/** Assumed where no systemd is installed: that of Debian 12. A unit for it is right for all newer ones. */
export const ASSUMED_SYSTEMD = 252;

/**
 * From the version history in systemd.exec(5), systemd.service(5) and NEWS. Older keys are not listed: RHEL 8, the oldest
 * distribution that runs Node 20, has 239.
 */
const SINCE: Readonly<Record<string, number>> = {
  RestrictSUIDSGID: 242,
  ProtectHostname: 242,
  OOMPolicy: 243,
  ProtectKernelLogs: 244,
  ProtectClock: 245,
  ProtectProc: 247,
  OpenFile: 253,
  // The key is older, but not `systemd-notify --fd`, which puts a descriptor into the store without native code.
  FileDescriptorStoreMax: 254,
  RestartSteps: 254,
  RestartMaxDelaySec: 254,
};

export function knows(systemd: number, key: string): boolean {
  return systemd >= (SINCE[key] ?? 0);
}

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
