// Words as sh(1) has them: in advice that is typed into a shell, and in lines that were written for one.

/** As sh(1) reads it back. */
export function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** What a quoted word says; null where only a shell knows. */
export function unquote(word: string): string | null {
  const [, plain, single, double] =
    /^(?:([\w@%+=:,./-]+)|'([^']*)'|"([^"\\$`]*)")$/.exec(word) ?? [];
  return plain ?? single ?? double ?? null;
}

/** The words of a line, quotes and all, and its operators; null for a line that is not closed, or is several. */
export function shellTokens(line: string): string[] | null {
  const token =
    /&&|\|\||[;&|()<>]|(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\;&|()<>])+|(?<other>\S|\n)/gs;
  const found = [...line.trim().matchAll(token)];
  return found.some(({ groups }) => groups?.other !== undefined) ? null : found.map(([one]) => one);
}
