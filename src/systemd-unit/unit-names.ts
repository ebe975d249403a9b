// The names of units, by the rules of systemd.unit(5).
import { UsageError } from '../errors.js';
import type { ListenSpec } from '../sockets/listen-spec.js';

const TYPES = /\.(service|socket|target|timer|path|slice|scope|mount|automount|swap|device)$/;

/** Throws UsageError unless `<name>.service`, of a valid instance name, is the name of a unit that can be started. */
export function assertUnitName(name: string): void {
  const refuse = (problem: string, hint = 'give it another one: --name shop') => {
    throw new UsageError(`--name '${name}' cannot name a unit: ${problem}`, hint);
  };
  const type = TYPES.exec(name)?.[0];
  if (type !== undefined) {
    refuse(`${type} is added to it`, `--name ${name.slice(0, -type.length) || 'shop'}`);
  }
  if (/^[-.@]/.test(name)) refuse(`it begins with '${name[0]}'`);
  if (name.endsWith('@')) refuse("what ends in '@' is a template", `--name ${name}1`);
}

/** The name that the master gives to a socket which it opens itself. */
export function socketName(spec: ListenSpec, index: number): string {
  return spec.name ?? `socket-${index + 1}`;
}

/** One unit for each socket, because FileDescriptorName= holds for all sockets of a unit. */
export function socketUnitNames(name: string, listen: readonly ListenSpec[]): string[] {
  const names = listen.map((spec, index) =>
    index === 0 ? name : `${name}-${socketName(spec, index).replace(/[^\w:.-]/g, '-')}`,
  );
  return names.map((one, index) =>
    // Two names may differ only in characters that a unit name cannot contain.
    names.indexOf(one) === index ? `${one}.socket` : `${one}-${index + 1}.socket`,
  );
}
