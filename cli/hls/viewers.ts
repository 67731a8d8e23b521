import { Agent, request } from "node:http";
import { monotonicMs } from "./clock.ts";

// Owncast forgets a viewer after 15 s; its own players report every few.
const everyMs = 5000;
const mostViewers = 100_000;
const mostWaiting = 1000;

/**
 * Tells Owncast who watches. It counts players without a page (VLC, TVs) by their requests for playlists, and those do not
 * reach it any more: so one is passed on every few seconds for each viewer, with the address and program that tell him apart.
 */
export class Viewers {
  readonly #owncast: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #told = new Map<string, number>();
  #waiting = 0;

  constructor(owncastUrl: string) {
    this.#owncast = new URL("/hls/stream.m3u8", owncastUrl);
  }

  /** Somebody asked for a playlist. Never fails: viewers come before their number. */
  saw(address: string, program: string, nowMs = monotonicMs()): void {
    const viewer = `${address}\n${program}`;
    if (nowMs - (this.#told.get(viewer) ?? 0) < everyMs || this.#waiting >= mostWaiting) return;
    if (this.#told.size >= mostViewers) this.#told.clear();
    // Last told, last in the map: so the stale ones are the first.
    this.#told.delete(viewer);
    this.#told.set(viewer, nowMs);
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
    for (const [viewer, toldMs] of this.#told) {
      if (nowMs - toldMs < everyMs) return;
      this.#told.delete(viewer);
    }
  }
}
