// How changed files read in a message.

/** `a.js`, `a.js and b.js`, `a.js and 12 more`. */
export function describeFiles(files: readonly string[]): string {
  const [first = 'files', second, ...more] = files;
  if (second === undefined) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first} and ${more.length + 1} more`;
}
