/** `word` quoted for sh(1), which reads it back unchanged; plain words stay as they are. */
export function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
