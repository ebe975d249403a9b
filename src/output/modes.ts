// The words of --output, apart from what they need: reading a command line should not load it.
export const OUTPUT_MODES = ['inherit', 'prefix', 'json'] as const;
export type OutputMode = (typeof OUTPUT_MODES)[number];
