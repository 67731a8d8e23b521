import type { Viewer } from "./browser-viewer.ts";

/**
 * From now on the viewer's line carries so many kbit/s down, and says so to whom asks it (`navigator.connection`, which
 * Owncast's player goes by). Until then Chromium guesses a rate of its own.
 */
export async function limitLine({ context, page }: Viewer, kbps: number): Promise<void> {
  const session = await context.newCDPSession(page);
  const bytesPerSecond = (kbps * 1000) / 8;
  const speeds = { downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond };
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, ...speeds });
}
