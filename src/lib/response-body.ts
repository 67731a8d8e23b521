/** Many times what any Owncast says, and little enough to be held. */
const maxBytes = 64 * 1024 * 1024;

/**
 * The whole body of an answer to `fetch`. Rejects with the signal's reason when it aborts, and when the body is longer than
 * 64 MiB. The signal is heeded here: once the head is there, the `fetch` of Node 20 may forget the one that it was given.
 */
export async function bodyOf(response: Response, signal: AbortSignal): Promise<Buffer> {
  const reader = response.body?.getReader();
  if (!reader) return Buffer.alloc(0);
  // Ends the connection, and with it a read that waits.
  const end = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", end, { once: true });
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return Buffer.concat(parts);
      length += value.length;
      if (length > maxBytes) throw new Error(`its answer is longer than ${maxBytes} bytes`);
      parts.push(value);
    }
  } finally {
    signal.removeEventListener("abort", end);
    // Nothing more is wanted of an answer that was not read to its end.
    end();
  }
}
