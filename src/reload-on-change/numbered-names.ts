// Names that differ only in numbers. What an app writes at each start may be called by its process, the time or chance.

/** UUIDs (RFC 9562), hexadecimal numbers that look like ones, decimal ones. */
const NUMBERS = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?=[a-f]*\d)[\da-f]{6,}|\d+|\0/gi;

/** Stands in a name for any number; no real one has it. */
export const ANY = '\0';

/** The same for all paths that differ only in numbers. */
export function withoutNumbers(path: string): string {
  return path.replace(NUMBERS, ANY);
}

/** What two such paths have in common: ANY stands for the numbers in which they differ, as it may already in `one`. */
export function inCommon(one: string, other: string): string {
  const numbers = other.match(NUMBERS)?.values();
  return one.replace(NUMBERS, (number) => (number === numbers?.next().value ? number : ANY));
}
