// What a line may do to a terminal that it shares with others: give itself colours and links, and nothing else.
// Pure.

const ESC = '\x1b';
const BEL = '\x07';
const STRING_END = `${ESC}\\`;
const RESET = `${ESC}[0m`;
const LINK_END = `${ESC}]8;;${STRING_END}`;

/** In UTF-8, a byte as a character each: shorter forms of escapes, as U+009B for ESC [, which some terminals know. */
const C1 = '\\xc2[\\x80-\\x9f]';
/**
 * ECMA-48: control sequences, control strings (titles, links, images) with or without their end, other escapes; then
 * single control bytes, but not tabs, nor what is a part of a character in UTF-8.
 */
const CONTROL = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_](?:(?!${C1})[^${BEL}${ESC}])*(?:${BEL}|${ESC}\\\\)?|[ -/]*[0-~])?` +
    '|[^\\P{Cc}\\t\\u0080-\\u009f]',
  'gu',
);
const C1_FORM = new RegExp(C1, 'g');
const COLOURS = new RegExp(`^${ESC}\\[[\\d;:]*m$`);
/** Printable ASCII, and what characters of UTF-8 consist of: with a control in it, a terminal may take it for another. */
const LINK = new RegExp(`^${ESC}\\]8;[ -:<-~]*;([ -~\\x80-\\xff]*)(?:${BEL}|${ESC}\\\\)$`);
/** What begins with ESC and has no end yet. */
const UNFINISHED = new RegExp(`^${ESC}(?:\\[[0-?]*[ -/]*|[\\]PX^_][^${BEL}]*|[ -/]*)$`);

/**
 * The line as it may be shown on a terminal: it cannot leave its place, and what it turned on is turned off at
 * its end. Of a line that was written over and over (`10%\r20%`) the last state is left. Other controls can be
 * seen: `\x07`.
 */
export function tame(line: Buffer): Buffer {
  // A character for each byte, and so each byte comes out again.
  const text = line.toString('latin1').replace(/\r+$/, '');
  let coloured = false;
  let linked = false;
  const tamed = text.slice(text.lastIndexOf('\r') + 1).replace(CONTROL, (found) => {
    if (COLOURS.test(found)) {
      coloured = found !== RESET && found !== `${ESC}[m`;
      return found;
    }
    const link = LINK.exec(found);
    if (link) {
      linked = link[1] !== '';
      return found;
    }
    return found.length > 1 ? '' : visible(found);
  });
  // Now, as what was taken out may have stood in between.
  const shown = tamed.replace(C1_FORM, (found) => visible(found.slice(1)));
  return Buffer.from(shown + (linked ? LINK_END : '') + (coloured ? RESET : ''), 'latin1');
}

/** Where an escape begins that is not all there; -1 where there is none. */
export function unfinishedIn(bytes: Buffer): number {
  const at = bytes.lastIndexOf(ESC);
  return at !== -1 && UNFINISHED.test(bytes.toString('latin1', at)) ? at : -1;
}

function visible(control: string): string {
  return `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** JSON that means the same, and that a terminal does not obey: JSON itself asks for other controls only. */
export function tameJson(text: string): string {
  return text.replace(/[\x7f-\x9f]/g, (found) => `\\u00${found.charCodeAt(0).toString(16)}`);
}

/** Nothing but what can be read. Lines stay lines: what has no end in one takes nothing of the next. */
export function plain(text: string): string {
  const lines = text.split('\n');
  return lines.map((line) => line.replace(CONTROL, '').replace(/[^\P{Cc}\t]/gu, '')).join('\n');
}
