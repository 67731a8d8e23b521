/** Many times what Owncast ever sends, and little enough for memory. */
const maxBytes = 64 * 1024 * 1024;

/**
 * The whole body of a `fetch` response. Rejects with the signal's reason if it aborts, and if the body is longer than 64 MiB.
 * The signal is checked here because Node 20's `fetch` may ignore its own signal once the head has arrived.
 */
export async function bodyOf(response: Response, signal: AbortSignal): Promise<Buffer> {
  const reader = response.body?.getReader();
  if (!reader) return Buffer.alloc(0);
  // Closes the connection, which also ends a read that waits.
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
    // Closes the connection of a response that was not read to its end.
    end();
  }
}
