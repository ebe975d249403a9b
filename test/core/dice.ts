// Random numbers that are the same for the same seed.

export interface Dice {
  /** From 0 to 1. */
  roll(): number;
  below(count: number): number;
  chance(share: number): boolean;
}

/** mulberry32. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    roll,
    below: (count) => Math.floor(roll() * count),
    chance: (share) => roll() < share,
  };
}
