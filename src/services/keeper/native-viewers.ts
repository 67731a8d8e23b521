import { Agent, request } from "node:http";
import { monotonicMs } from "./steady-clock.ts";

// Owncast forgets a viewer after 15 s; its own players report every few.
const everyMs = 5000;
// What is remembered of one viewer is a third of a kilobyte at most, whatever a client says of itself: 35 MB of all of them.
const mostViewers = 100_000;
const longestAddress = 64;
const longestProgram = 256;
const mostWaiting = 1000;

/**
 * Tells Owncast who watches. It counts players without a page (VLC, TVs) by their requests for playlists, and those do not
 * reach it any more: so one is passed on every few seconds for each viewer, with the address and program that tell him apart.
 */
export class Viewers {
  readonly #owncast: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #told = new Map<string, number>();
  readonly #most: number;
  #waiting = 0;

  constructor(owncastUrl: string, most = mostViewers) {
    this.#owncast = new URL("/hls/stream.m3u8", owncastUrl);
    this.#most = most;
  }

  /** Somebody asked for a playlist. Never fails: viewers come before their number. */
  saw(saidAddress: string, saidProgram: string, nowMs = monotonicMs()): void {
    const address = saidAddress.slice(0, longestAddress);
    const program = saidProgram.slice(0, longestProgram);
    const viewer = copied(`${address}\n${program}`);
    if (nowMs - (this.#told.get(viewer) ?? Number.NEGATIVE_INFINITY) < everyMs || this.#waiting >= mostWaiting) return;
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
      if (nowMs - toldMs < everyMs && this.#told.size <= this.#most) return;
      this.#told.delete(viewer);
    }
  }
}

/** The same text with memory of its own: a piece of a longer text would keep all of that. Headers are Latin-1. */
const copied = (text: string): string => Buffer.from(text, "latin1").toString("latin1");
