// How lines of workers are told apart: a prefix, and a colour where there are colours. Pure.

export interface Speaker {
  /** Of the instance. */
  readonly name: string;
  readonly slot: number;
  readonly generation: number;
  readonly pid: number;
}

/** Of SGR. Not red, which means trouble, and nothing that vanishes on a black or a white ground. */
const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** `web.1 g3 | `; `web.1 g3 + ` before the rest of a line that was too long. One colour for a place, whoever has it. */
export function prefixOf(
  { name, slot, generation }: Speaker,
  coloured: boolean,
  continued: boolean,
): string {
  const text = `${name}.${slot} g${generation} ${continued ? '+' : '|'}`;
  if (!coloured) return `${text} `;
  return `\x1b[${COLOURS[(slot - 1) % COLOURS.length]}m${text}\x1b[0m `;
}
