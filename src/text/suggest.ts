// Suggests the word that was probably meant by a mistyped one.

/**
 * The choice that is nearest to `word`, ignoring case; null if none is near. A choice is near if at most a third of the
 * letters of `word` (at least one) are inserted, deleted, replaced or swapped with their neighbour.
 */
export function nearest(word: string, choices: readonly string[]): string | null {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const [best] = choices
    .map((choice) => ({ choice, edits: editDistance(word.toLowerCase(), choice.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .toSorted((a, b) => a.edits - b.edits);
  return best?.choice ?? null;
}

/** Optimal string alignment distance between two words. */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const cell = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= from.length; i += 1) {
    rows.push([i]);
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const edits = [cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + (same ? 0 : 1)];
      if (swapped) edits.push(cell(i - 2, j - 2) + 1);
      rows[i]?.push(Math.min(...edits));
    }
  }
  return cell(from.length, to.length);
}
