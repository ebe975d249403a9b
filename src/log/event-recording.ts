// Writes every event of the master into a file (--record), so that an incident can be replayed: what was decided follows from
// the events alone. One line of JSON each; the first one has what does not change. `npm run replay <file>` in a
// checkout of graceful-run prints what happened.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Policy } from '../core/policy.js';
import type { SocketUse } from '../core/sockets.js';
import type { StepRecord } from '../core/step-record.js';
import { describeError, StartError } from '../errors.js';

export interface RecordingHeader {
  readonly version: string;
  /** When the recording began, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly workersWanted: number;
  readonly policy: Policy;
  readonly sockets: readonly Pick<SocketUse, 'id' | 'origin' | 'isPrivate'>[];
}

/**
 * Opens the file, readable for its owner alone, and empties it. Each line is written at once and is not lost if the
 * master is killed: events are few. A write that fails ends the recording, and `onFailure` gets the reason. Throws
 * StartError if the file cannot be opened.
 */
export function openRecording(path: string, onFailure: (text: string) => void) {
  let fd: number | null;
  try {
    fd = openSync(path, 'w', 0o600);
  } catch (error) {
    const message = `--record ${path}: cannot be written: ${describeError(error)}`;
    throw new StartError(message, undefined, { cause: error });
  }
  function write(value: unknown): void {
    if (fd === null) return;
    try {
      writeSync(fd, `${JSON.stringify(value)}\n`);
    } catch (error) {
      close();
      onFailure(`--record ${path}: recording ended: ${describeError(error)}`);
    }
  }
  function close(): void {
    if (fd !== null) closeSync(fd);
    fd = null;
  }
  return {
    /** The first line. */
    begin: (header: RecordingHeader) => write(header),
    observe: ({ at, event }: Pick<StepRecord, 'at' | 'event'>) => write({ at, event }),
    close,
  };
}
