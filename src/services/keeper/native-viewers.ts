import { Agent, request } from "node:http";

// Owncast forgets a viewer after 15 s; its own player reports every few seconds.
const everyMs = 5000;
// One viewer takes a third of a kilobyte at most, all of them 35 MB.
const mostViewers = 100_000;
const longestAddress = 64;
const longestProgram = 256;
const mostWaiting = 1000;

/**
 * Tells Owncast about players without a page (VLC, TVs). Owncast counts them by their playlist requests, which the keeper
 * answers instead. So the keeper sends Owncast one request every few seconds for each viewer, with that viewer's address and program.
 */
export class NativeViewers {
  readonly #owncast: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #reportedMs = new Map<string, number>();
  readonly #most: number;
  #waiting = 0;

  constructor(owncastUrl: string, most = mostViewers) {
    this.#owncast = new URL("/hls/stream.m3u8", owncastUrl);
    this.#most = most;
  }

  /** Reports a viewer that asked for a playlist. Never throws: playing matters more than counting. */
  report(sentAddress: string, sentProgram: string, nowMs = performance.now()): void {
    const address = sentAddress.slice(0, longestAddress);
    const program = sentProgram.slice(0, longestProgram);
    const viewer = copied(`${address}\n${program}`);
    if (nowMs - (this.#reportedMs.get(viewer) ?? Number.NEGATIVE_INFINITY) < everyMs || this.#waiting >= mostWaiting)
      return;
    // Deleted first, so that the map's order is that of the reports.
    this.#reportedMs.delete(viewer);
    this.#reportedMs.set(viewer, nowMs);
    this.#forget(nowMs);
    this.#waiting += 1;
    const headers = { "user-agent": program, "x-forwarded-for": address };
    const asked = request(this.#owncast, { method: "HEAD", headers, agent: this.#agent, timeout: everyMs });
    asked.on("response", (response) => response.resume());
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => {});
    asked.on("close", () => {
      this.#waiting -= 1;
    });
    asked.end();
  }

  stop(): void {
    this.#agent.destroy();
  }

  #forget(nowMs: number): void {
    for (const [viewer, reportedMs] of this.#reportedMs) {
      if (nowMs - reportedMs < everyMs && this.#reportedMs.size <= this.#most) return;
      this.#reportedMs.delete(viewer);
    }
  }
}

/** The same text in memory of its own: V8 would keep the whole header for a part of it. Headers are Latin-1. */
const copied = (text: string): string => Buffer.from(text, "latin1").toString("latin1");
