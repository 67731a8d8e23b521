import { expect, it } from "vitest";
import { serverWords } from "./rtmp-ingest.ts";

const key = "a key/of? this#test";

it.each([
  ["a reason", "the camera sends no sound track", "the camera sends no sound track"],
  ["terminal control codes", "no\u001b[2J sound\n", "no·[2J sound"],
  ["an endless text", "x".repeat(1000), "x".repeat(400)],
  ["nothing", "  ", undefined],
  ["a number", 5, undefined],
  ["the stream key", `no stream ${key}`, undefined],
  ["the stream key, encoded", `no stream ${encodeURIComponent(key)}`, undefined],
])("if a server sends %s, a safe part is shown", (_, said, shown) => expect(serverWords(said, key)).toBe(shown));
