// The program that counts connections for a master with very many of them: pids and inodes of listeners as
// arguments, separated by commas; the counts as JSON on stdout.
import { getPriority, setPriority } from 'node:os';
import { type CountsText, countHere } from './count.js';

/** Whoever boots beside it, a worker of a reload above all, goes first. */
const NICENESS = 10;

// A service that is nicer already may not become less so.
if (getPriority() < NICENESS) setPriority(NICENESS);
const [pids, inodes] = process.argv.slice(2, 4).map(numbers);
const { connections, queued } = await countHere(pids ?? [], new Set(inodes));
const text: CountsText = { connections: [...connections], queued: [...queued] };
process.stdout.write(JSON.stringify(text));

function numbers(list: string): number[] {
  return list === '' ? [] : list.split(',').map(Number);
}
