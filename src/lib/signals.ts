/** What a terminal, a shell or systemd sends to a program that is to end. */
const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A signal that is aborted when this process is asked to end, by one of `signals`. The process itself goes on until its command
 * has put things in order, also when it is asked more than once: of Ctrl-C both the terminal and npm tell it.
 */
export function askedToEnd(signals: readonly (typeof endings)[number][] = endings): AbortSignal {
  const asked = new AbortController();
  for (const signal of signals) process.on(signal, () => asked.abort());
  return asked.signal;
}
