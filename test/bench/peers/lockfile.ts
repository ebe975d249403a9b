// Which packages one of them brings along, by a package-lock.json (version 2 and 3). Pure.

export interface LockedPackage {
  readonly version?: string;
  /** A folder of the repository itself. */
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** By their folders: `node_modules/a/node_modules/b`; the root is the empty name. */
export type Packages = Readonly<Record<string, LockedPackage>>;

/** Folders of the package in folder `top` and of all that it needs, those for its development left out. */
export function neededBy(packages: Packages, top: string): string[] {
  const found = new Set([top]);
  // It grows while it is walked.
  for (const folder of found) {
    const { dependencies, optionalDependencies, peerDependencies } = packages[folder] ?? {};
    const needed = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    for (const name of Object.keys(needed)) {
      const place = resolve(packages, folder, name);
      if (place !== null) found.add(place);
    }
  }
  return [...found];
}

/** As Node looks for it: in the folder itself, then in those around it. null when nobody installed it. */
function resolve(packages: Packages, from: string, name: string): string | null {
  const parts = from === '' ? [] : from.split(/(?:^|\/)node_modules\//).slice(1);
  for (let depth = parts.length; depth >= 0; depth -= 1) {
    const place = [...parts.slice(0, depth), name].map((one) => `node_modules/${one}`).join('/');
    if (packages[place]) return place;
  }
  return null;
}
