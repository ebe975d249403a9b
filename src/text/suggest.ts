// Suggests the word that was probably meant by a mistyped one.

/**
 * The choice that is nearest to `word`, ignoring case; null if none is near. A choice is near if at most a third of the
 * letters of `word` (at least one) are inserted, deleted, replaced or swapped with their neighbour.
 */
export function nearest(word: string, choices: readonly string[]): string | null {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const ranked = choices
    .map((choice) => ({
      choice,
      distance: editDistance(word.toLowerCase(), choice.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance);
  return ranked[0]?.choice ?? null;
}

/** Optimal string alignment distance between two words. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  const cell = (row: readonly number[], column: number) => row[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          cell(last, j - 1) + (same ? 0 : 1),
          cell(last, j) + 1,
          cell(row, j - 1) + 1,
          swapped ? cell(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforeLast = last;
    last = row;
  }
  return cell(last, to.length);
}
