// Where a text stops being JSON. JSON.parse says it only for some flaws, and not in every version of Node.

const BLANK = /[ \t\n\r]*/y;
const SCALAR =
  /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/uy;

/** Characters. */
const SHOWN = 20;

/** `line 3, column 5: not JSON from '},' on`; for a text that JSON.parse has refused. */
export function describeFlaw(text: string): string {
  const at = flawOf(text);
  const before = text.slice(0, at).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
  const [rest = ''] = text.slice(at, at + SHOWN).split('\n', 1);
  return at === text.length ? `${place}: ends too early` : `${place}: not JSON from '${rest}' on`;
}

/** Offset of the first character, or word, that no JSON has there. */
function flawOf(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const next = (character: string): boolean => {
    take(BLANK);
    if (text[at] !== character) return false;
    at += 1;
    take(BLANK);
    return true;
  };
  const member = () => text[at] === '"' && take(SCALAR) && next(':') && value();
  const members = (item: () => boolean, end: string): boolean => {
    if (next(end)) return true;
    do if (!item()) return false;
    while (next(','));
    return next(end);
  };
  const value = (): boolean => {
    if (next('{')) return members(member, '}');
    if (next('[')) return members(value, ']');
    return take(SCALAR);
  };
  if (value()) take(BLANK);
  return at;
}
