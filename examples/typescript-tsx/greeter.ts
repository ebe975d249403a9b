// What is answered, in one language.
import { Language } from './language.js';

export class Greeter {
  constructor(private readonly language: Language) {}

  greet(pid: number): string {
    return this.language === Language.German ? `hallo von ${pid}\n` : `hello from ${pid}\n`;
  }
}
