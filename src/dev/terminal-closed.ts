// The terminal at which `dev` was started, and the end of it: its window is closed. Whoever sat there is gone, also where
// no keys are read and another program reads what is written.
import { forgetTerminal, type Place, placeOnTerminal, standardTerminals } from './foreground.js';

/** A shell passes SIGHUP on before it ends itself, and the terminal with it. Milliseconds. */
const LOOK_AGAIN = 500;

export interface Seat {
  /** Some of stdin, stdout and stderr are terminals. */
  readonly hasTerminal: boolean;
  /** For a SIGHUP: true if it says that the terminal is gone, and then this is all that follows from it. */
  hungUp(): boolean;
  /** The terminal is gone, as somebody saw who read from it. */
  leave(): void;
}

/** `left` is called once, when the terminal is gone. */
export function takeSeat(
  left: () => void,
  place: () => Place = placeOnTerminal,
  terminals = standardTerminals(),
): Seat {
  const first = place();
  // As with `nohup ... > log &`: this is meant to outlive the window.
  const isDetached = terminals.length === 0 && first === 'background';
  const hadOne = first !== 'no terminal' && !isDetached;
  let isLeft = false;

  function leave(): void {
    if (isLeft) return;
    isLeft = true;
    forgetTerminal(terminals);
    left();
  }

  function isGone(): boolean {
    if (!hadOne || place() !== 'no terminal') return false;
    // Whoever reads keys hears of this signal as well, and lets go of the terminal first.
    queueMicrotask(leave);
    return true;
  }

  return {
    hasTerminal: terminals.length > 0,
    leave,
    hungUp() {
      if (isLeft || isGone()) return true;
      if (hadOne) setTimeout(isGone, LOOK_AGAIN).unref();
      return false;
    },
  };
}
