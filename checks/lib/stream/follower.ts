import { setTimeout as sleep } from "node:timers/promises";
import { get, type HttpClientOptions } from "../../../src/viewer/http-client.ts";
import { AnswerRules } from "../keeper/playlist-rules.ts";

/** Players of every variant of a stage: they ask again and again, and hold each answer against the rules. */
export interface Follower {
  /** What was wrong so far, each once; may be cleared. */
  readonly faults: Set<string>;
  /** Answers so far, and how many of them were none. */
  readonly count: { answers: number; failures: number };
  /** Owncast's streams that were listed so far, each with its number among the discontinuities. */
  readonly sessions: ReadonlyMap<string, number>;
  /** The last answer of a variant. */
  last(variant: number): string;
  /** Resolves when a variant's answer fits. Rejects after 90 s. */
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
  /** What a player would do with an answer: fetch every segment that it has not. */
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
