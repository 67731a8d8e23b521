/** A signal that is aborted when nobody reads stdout any more, as behind `| head`: no fault, and a reason to print no more. */
export function readerGone(): AbortSignal {
  const gone = new AbortController();
  process.stdout.on("error", () => gone.abort());
  return gone.signal;
}
