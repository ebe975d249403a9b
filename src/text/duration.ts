// How a time reads in a message.

/** `1500` becomes `1.5s`, `250` becomes `250ms`, `90000` becomes `90s`. */
export function formatDuration(ms: number): string {
  const whole = Math.round(ms);
  if (whole < 1000) return `${whole}ms`;
  return `${Number((ms / 1000).toFixed(ms < 10_000 ? 1 : 0))}s`;
}
