import { describe, expect, it } from "vitest";
import { type Load, readResult } from "./load.ts";

const load: Load = { url: "https://localhost/x", protocol: "HTTP/2", encoding: "zstd", requests: 300 };

/** The output of h2load 1.52, shortened. */
const printed = (changes: Readonly<Record<string, string>> = {}): string =>
  Object.entries(changes).reduce(
    (text, [from, to]) => text.replace(from, to),
    `starting benchmark...
TLS Protocol: TLSv1.3
Application protocol: h2
progress: 100% done

finished in 812.34ms, 369.30 req/s, 229.11MB/s
requests: 300 total, 300 started, 300 done, 300 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 300 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 186.11MB (195153280) total, 28.42KB (29106) headers (space savings 95.12%), 185.94MB (194974200) data
                     min         max         mean         sd        +/- sd
`,
  );

describe("the result of a load", () => {
  it("is read with its unit of time, and counts only the bytes of bodies", () =>
    expect(readResult(printed(), load)).toEqual({ seconds: expect.closeTo(0.81234, 6), bodyBytes: 194_974_200 }));

  it.each([
    ["2.50s", 2.5],
    ["1.50m", 90],
    ["900us", 0.0009],
  ])("is read in seconds from %s", (text, seconds) =>
    expect(readResult(printed({ "812.34ms": text }), load).seconds).toBeCloseTo(seconds, 6),
  );

  it.each([
    ["a response was not 200", { "300 2xx, 0 3xx, 0 4xx": "299 2xx, 0 3xx, 1 4xx" }],
    ["a request failed", { "300 succeeded, 0 failed": "299 succeeded, 1 failed" }],
    ["the server spoke another protocol", { "protocol: h2": "protocol: http/1.1" }],
    ["there was no body", { "(194974200) data": "(0) data" }],
    ["the program printed something else", { "finished in": "ended in" }],
  ] as const)("is refused if %s", (_, changes) => {
    expect(() => readResult(printed(changes), load)).toThrow(/not all of 300 requests .* succeeded/);
  });
});
