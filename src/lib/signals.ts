import { type Ending, endingSignals } from "./ending-signals.mjs";

/**
 * A signal that aborts when this process is asked to end, by one of `signals`. The process itself runs on until its command
 * has cleaned up, even if it is asked more than once: the terminal and npm both pass Ctrl-C on.
 */
export function askedToEnd(signals: readonly Ending[] = endingSignals): AbortSignal {
  const asked = new AbortController();
  for (const signal of signals) process.on(signal, () => asked.abort());
  return asked.signal;
}

/** A signal that aborts when stdout loses its reader, as behind `| head`. That is no fault: stop printing. */
export function readerGone(): AbortSignal {
  const gone = new AbortController();
  process.stdout.on("error", () => gone.abort());
  return gone.signal;
}
