// Plain JavaScript, because the set-up uses it before any package is installed.

/** The signals with which a terminal, a shell or systemd asks a program to end. */
export const endingSignals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** @typedef {(typeof endingSignals)[number]} Ending */

// At a terminal, Ctrl-C comes twice: from the terminal, and passed on by npm.
const sameEndingMs = 500;

/**
 * Calls the listener once for each request to end. Signals less than 500 ms after a request belong to it.
 * @param {(signal: Ending) => void} listener
 * @param {Pick<NodeJS.EventEmitter, "on" | "off">} [source] tests pass their own in place of this process
 * @returns {{ hear: (signal: Ending) => void, stop: () => void }} `hear` takes a request that is no signal; `stop` stops listening
 */
export function onEndings(listener, source = process) {
  let last = Number.NEGATIVE_INFINITY;
  const hear = (/** @type {Ending} */ signal) => {
    const now = performance.now();
    if (now - last < sameEndingMs) return;
    last = now;
    listener(signal);
  };
  for (const signal of endingSignals) source.on(signal, hear);
  const stop = () => {
    for (const signal of endingSignals) source.off(signal, hear);
  };
  return { hear, stop };
}
