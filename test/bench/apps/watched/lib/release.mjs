// What a save replaces.
export const generation = 1;
