// A master does little, and lives long beside the servers whose memory it would take: V8 is told to spend nothing
// on speed. Compiled code and the memory of its compilers are a third of what it would hold after many reloads.
import { setFlagsFromString } from 'node:v8';

/** Read by V8 whenever it decides anew, so that they do their work also when they are set late. */
const FLAGS = [
  '--optimize-for-size',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--semi-space-growth-factor=1',
];

export function keepFootprintSmall(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
