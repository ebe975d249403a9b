// What is answered.
import type { Visit } from './visit.ts';

export function greet({ path, pid }: Visit): string {
  return `hello from ${pid} to whoever asks for ${path}\n`;
}
