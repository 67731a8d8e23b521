import type { Viewer } from "./browser-viewer.ts";

/**
 * Limits the viewer's download to this many kbit/s, and lets each response take `roundTripMs` longer. `navigator.connection`, which Owncast's player reads, then reports this
 * rate. Before, Chromium guesses a rate of its own.
 */
export async function limitLine({ context, page }: Viewer, kbps: number, roundTripMs = 0): Promise<void> {
  const session = await context.newCDPSession(page);
  const bytesPerSecond = (kbps * 1000) / 8;
  const speeds = { downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond };
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: roundTripMs, ...speeds });
}
