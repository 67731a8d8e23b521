import { setTimeout as sleep } from "node:timers/promises";
import { get, type HttpClientOptions } from "../../../src/viewer/http-client.ts";
import { AnswerRules } from "../keeper/playlist-rules.ts";

/** Players of every variant of a stage. They request playlists in a loop, and check each response against the rules. */
export interface Follower {
  /** The faults so far, each once. A test may clear it. */
  readonly faults: Set<string>;
  /** Requests so far, and how many of them got no playlist. */
  readonly count: { answers: number; failures: number };
  /** Owncast's streams so far, each with its discontinuity number. */
  readonly sessions: ReadonlyMap<string, number>;
  /** A variant's last playlist. */
  last(variant: number): string;
  /** Resolves when a variant's playlist matches. Rejects after 90 s. */
  until(variant: number, fits: (answer: string) => boolean): Promise<string>;
  stop(): Promise<void>;
}

export interface Followed extends Pick<HttpClientOptions, "caFile" | "resolve"> {
  /** The stage's address. */
  readonly page: string;
}

/** Follows the variants of a stage, each request over a connection of its own. */
export function follow({ page, caFile, resolve }: Followed, variants: number): Follower {
  const faults = new Set<string>();
  const count = { answers: 0, failures: 0 };
  const discontinuities = new Map<string, number>();
  const fetched = new Set<string>();
  const answers: string[] = [];
  let stopped = false;
  const ask = async (address: string) => {
    const { status, body } = await get(address, { caFile, resolve, timeoutSeconds: 30 });
    if (status !== 200) throw new Error(`${new URL(address).pathname}: ${status}`);
    return body;
  };
  /** Fetches every new segment of a playlist, like a player. */
  const fetchAll = async (text: string, address: string) => {
    for (const [name] of text.matchAll(/^(?:\.\.\/\d+\/)?stream-(?!offline).*\.ts$/gm)) {
      const segment = new URL(name, address).href;
      if (fetched.has(segment)) continue;
      if ((await ask(segment)).length === 0) throw new Error(`${name} is empty`);
      fetched.add(segment);
    }
  };
  const watch = async (variant: number) => {
    const address = `${page}/hls/${variant}/stream.m3u8`;
    const rules = new AnswerRules(discontinuities);
    while (!stopped) {
      try {
        const text = (await ask(address)).toString();
        count.answers += 1;
        rules.check(text);
        answers[variant] = text;
        if (text.includes("#EXT-X-ENDLIST")) throw new Error("the playlist says that the stream is over");
        await fetchAll(text, address);
      } catch (error) {
        faults.add((error as Error).message);
        count.failures += 1;
      }
      await sleep(100);
    }
  };
  const watching = Array.from({ length: variants }, (_, variant) => watch(variant));
  const last = (variant: number) => answers[variant] ?? "";
  return {
    faults,
    count,
    sessions: discontinuities,
    last,
    async until(variant, fits) {
      for (let tries = 0; tries < 900; tries++) {
        if (fits(last(variant))) return last(variant);
        await sleep(100);
      }
      throw new Error(`the answer never was as expected; the last one:\n${last(variant)}\n${[...faults].join("\n")}`);
    },
    async stop() {
      stopped = true;
      await Promise.all(watching);
    },
  };
}
