// Reads a table of dpkg-query. Pure.

export interface DebianPackage {
  readonly name: string;
  readonly essential: boolean;
  readonly kib: number;
  /** Of alternatives, all: those that are installed count. */
  readonly needs: readonly string[];
}

/** Lines of name, `yes` when essential, size in KiB, and two lists of what it depends on, between tabs. */
export function parsePackages(text: string): Map<string, DebianPackage> {
  const packages = text.split('\n').flatMap((line) => {
    const [name = '', essential, kib, ...lists] = line.split('\t');
    if (name === '') return [];
    // `perl:any, dpkg (>= 1.17.17), awk | mawk`
    const needs = lists
      .flatMap((list) => list.split(/[,|]/))
      .map((one) => one.trim().replace(/[ :(].*$/, ''))
      .filter((one) => one !== '');
    return [{ name, essential: essential === 'yes', kib: Number(kib) || 0, needs }];
  });
  return new Map(packages.map((one) => [one.name, one]));
}

/**
 * The package and what it needs, less what is essential, the `interpreters`, and what those need. Names that nobody
 * has are left out.
 */
export function neededBeyond(
  interpreters: readonly string[],
  packages: ReadonlyMap<string, DebianPackage>,
  name: string,
): DebianPackage[] {
  const there = closure(
    packages,
    [...packages.values()].filter((one) => one.essential || interpreters.includes(one.name)),
  );
  const top = packages.get(name);
  return top ? [...closure(packages, [top])].filter((one) => !there.has(one)) : [];
}

function closure(
  packages: ReadonlyMap<string, DebianPackage>,
  from: readonly DebianPackage[],
): Set<DebianPackage> {
  const found = new Set(from);
  // It grows while it is walked.
  for (const one of found) {
    for (const need of one.needs) {
      const other = packages.get(need);
      if (other) found.add(other);
    }
  }
  return found;
}
