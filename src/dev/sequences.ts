// Finds what is no key in the input of a terminal: sequences of arrow and function keys, of the mouse, of a paste and of
// answers to questions, whole and in pieces. See ECMA-48 and ctlseqs of xterm. Pure.

/** Milliseconds after which what follows an ESC is a key of its own. */
const PATIENCE = 100;
const PASTE_PATIENCE = 2000;
const ESC = '\x1b';
const PASTE_BEGINS = '\x1b[200~';
const PASTE_ENDS = '\x1b[201~';
/** OSC, DCS, SOS, PM, APC: they last until BEL or ST. */
const STRINGS = [']', 'P', 'X', '^', '_'];

/** Returns whether the byte `char` that came at `now` is part of a sequence. */
export function createSequences(): (char: string, now: number) => boolean {
  let sequence = '';
  let lastAt = 0;
  return (char, now) => {
    const patience = sequence.startsWith(PASTE_BEGINS) ? PASTE_PATIENCE : PATIENCE;
    if (now - lastAt > patience) sequence = '';
    lastAt = now;
    if (sequence === '' && char !== ESC) return false;
    // A torn sequence must not swallow a Ctrl-C.
    if (char < ' ' && char !== ESC && !mayHoldControls(sequence)) {
      sequence = '';
      return false;
    }
    // Some terminals put one ESC more in front of a key with Alt.
    sequence = sequence === ESC && char === ESC ? ESC : sequence + char;
    if (isWhole(sequence)) sequence = '';
    return true;
  };
}

function mayHoldControls(sequence: string): boolean {
  return sequence.startsWith(PASTE_BEGINS) || STRINGS.includes(sequence[1] ?? '');
}

function isWhole(sequence: string): boolean {
  const kind = sequence[1];
  if (kind === undefined) return false;
  if (sequence.startsWith(PASTE_BEGINS)) return sequence.endsWith(PASTE_ENDS);
  // The old form of a mouse report: three bytes of any value, as far as this matters here.
  if (sequence.startsWith(`${ESC}[M`)) return sequence.length === 6;
  if (kind === '[') return sequence.length > 2 && /[@-~]$/.test(sequence);
  if (kind === 'O') return sequence.length === 3;
  if (STRINGS.includes(kind)) return sequence.endsWith('\x07') || sequence.endsWith(`${ESC}\\`);
  return true;
}
