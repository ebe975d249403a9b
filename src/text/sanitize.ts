// Takes control characters out of texts that others wrote: a terminal would obey them. Pure.

const ESC = '\x1b';
/** SGR of ECMA-48: colours, bold and the like. */
const SGR = new RegExp(`(${ESC}\\[[\\d;:]*m)`);
const RESET = `${ESC}[0m`;
/**
 * ECMA-48: control sequences, control strings with or without their end, other escapes. stripVTControlCharacters() of
 * Node also takes letters of the text away where a sequence is not complete.
 */
const SEQUENCE = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_]\\P{Cc}*(?:\\x07|${ESC}\\\\)?|[ -/]*[0-~])`,
  'gu',
);
/** Also those above U+007F, which some terminals obey as a shorter form of ESC. */
const CONTROL_BUT_TAB_AND_NEWLINE = /[^\P{Cc}\t\n]/gu;

/**
 * A line as it may be shown on a terminal that others write to as well: its colours stay, and end with it. No other
 * escape sequence and no control character is left. Of a line that was overwritten with returns (`10%\r20%`) the last
 * state is left.
 */
export function sanitizeLine(line: string): string {
  const text = line.replace(/\r+$/, '');
  const parts = text.slice(text.lastIndexOf('\r') + 1).split(SGR);
  // The odd parts are the colours.
  const shown = parts.map((part, i) => (i % 2 === 1 ? part : stripControls(part)));
  return shown.join('') + (parts.length > 1 ? RESET : '');
}

/** The text without escape sequences and control characters; tabs and line ends stay. */
export function stripControls(text: string): string {
  return text.replace(SEQUENCE, '').replace(CONTROL_BUT_TAB_AND_NEWLINE, '');
}

/** The text as one line, without escape sequences and control characters. */
export function oneLine(text: string): string {
  return stripControls(text).replace(/[\t\n]+/g, ' ');
}

/** JSON with the same meaning and without control characters: JSON itself escapes only those below U+0020. */
export function escapeJsonControls(json: string): string {
  return json.replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}
