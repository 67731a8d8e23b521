import { Agent, request } from "node:http";
import { captionsProgram } from "../../lib/captions-tracks.ts";
import type { HostPort } from "../../lib/listen.ts";

/** Where the keeper listens. */
export type KeeperPlace = HostPort | { readonly path: string };

// The keeper itself writes no longer ones.
const mostBytes = 512 * 1024;
// The keeper lets a request wait for a publisher's first segment, at most 2 s.
const withinMs = 5000;
// The keeper does not count this program as a viewer.
const headers = { "User-Agent": captionsProgram, Accept: "application/x-mpegURL" };

/** The playlist as the keeper answered: a new one, none because nothing is on air, or undefined if it has not changed. */
export type Answer = { readonly text: string | undefined } | undefined;

/** Asks the keeper for one playlist again and again. */
export class KeeperClient {
  readonly #place: KeeperPlace;
  readonly #path: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #tag: string | undefined;

  constructor(place: KeeperPlace, path: string) {
    this.#place = place;
    this.#path = path;
  }

  /** Rejects if the keeper cannot be asked, answers something else, or too much, or too late. */
  async ask(): Promise<Answer> {
    const { status, tag, text } = await this.#get();
    if (status === 304) return undefined;
    this.#tag = status === 200 ? tag : undefined;
    if (status === 503) return { text: undefined };
    if (status !== 200) throw new Error(`the keeper answers ${status} to ${this.#path}`);
    return { text };
  }

  stop(): void {
    this.#agent.destroy();
  }

  #get(): Promise<{ status: number; tag: string | undefined; text: string }> {
    const where = "path" in this.#place ? { socketPath: this.#place.path } : this.#place;
    const known = this.#tag === undefined ? {} : { "If-None-Match": this.#tag };
    const signal = AbortSignal.timeout(withinMs);
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void =>
        reject(signal.aborted ? new Error(`the keeper has not answered within ${withinMs / 1000} s`) : error);
      const asked = request({
        ...where,
        path: this.#path,
        agent: this.#agent,
        headers: { ...headers, ...known },
        signal,
      });
      asked.once("error", fail);
      asked.once("response", (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.once("error", fail);
        answer.on("data", (part: string) => {
          text += part;
          if (text.length > mostBytes)
            answer.destroy(new Error(`the keeper's playlist is longer than ${mostBytes} bytes`));
        });
        answer.once("end", () => resolve({ status: answer.statusCode ?? 0, tag: answer.headers.etag, text }));
      });
      asked.end();
    });
  }
}
