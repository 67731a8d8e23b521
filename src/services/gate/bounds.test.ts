import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeAmf, readAmf } from "../../media/rtmp/amf0.ts";
import { GateLog } from "./gate-log.ts";
import { cleanMetadata } from "./media-messages.ts";
import { UnpublishedConnections } from "./stranger-limits.ts";
import { matchKey } from "./stream-keys.ts";

describe("connections that have not published", () => {
  it("never exceed the limits, in any order of connects and disconnects", () =>
    fc.assert(
      fc.property(fc.array(fc.record({ from: fc.integer({ min: 1, max: 6 }), stays: fc.boolean() })), (visits) => {
        const unpublished = new UnpublishedConnections({ strangers: 5, strangersPerAddress: 2 });
        const inside = new Set<string>();
        for (const [index, { from, stays }] of visits.entries()) {
          const name = `${from} ${index}`;
          const connection = unpublished.enter(`192.0.2.${from}`, () => inside.delete(name));
          if (stays) inside.add(name);
          else connection.leave();
          expect(inside.size).toBeLessThanOrEqual(5);
          expect([...inside].filter((one) => one.startsWith(`${from} `)).length).toBeLessThanOrEqual(2);
        }
      }),
    ));
});

describe("a stream key", () => {
  const of = (value: string) => ({ name: value, secret: value, value, interprets: undefined });
  it.each<{ from: string; key: string; path?: string; name: string }>([
    { from: "OBS", key: "a key", name: "a key" },
    { from: "ffmpeg, which takes the first part as the application", key: "a/b", path: "a", name: "b" },
    { from: "OBS with the key in the server's address", key: "abc", path: "abc", name: "" },
    { from: "a camera that adds a slash", key: "abc", name: "/abc/" },
    { from: "a camera that adds parameters", key: "abc", name: "abc?user=x&password=y" },
    { from: "an application that encodes it", key: "a b/ä?", name: "a%20b%2F%C3%A4%3F" },
    { from: "an application that encodes it and adds parameters", key: "ä", name: "%C3%A4?x=1" },
    { from: "a camera whose key looks encoded", key: "100%25", name: "100%25" },
    { from: "a camera whose key has parameters", key: "abc?user=x", name: "abc?user=x" },
    { from: "a camera whose key cannot be decoded", key: "100%", name: "100%" },
  ])("is recognised from $from", ({ key, path = "", name }) =>
    expect(matchKey([of("another"), of(key)], path, name)?.value).toBe(key),
  );

  it("that begins with another key is recognised by its whole text", () => {
    const both = [of("abc"), of("abc?x=1")];
    for (const keys of [both, both.toReversed()])
      for (const { value } of both) expect(matchKey(keys, "", value)?.value).toBe(value);
  });

  it.each(["", "ab", "abcd", "ABC", "abc ", "a".repeat(100_000)])("is not recognised in %j", (name) =>
    expect(matchKey([of("abc")], "", name)).toBeUndefined(),
  );
});

describe("the log", () => {
  it("prints ten lines at once and ten a minute, and counts the omitted ones", () => {
    let now = 0;
    const lines: string[] = [];
    const log = new GateLog(
      (line) => void lines.push(line),
      () => now,
    );
    for (let index = 0; index < 1000; index++) log.refused(index % 4 === 0 ? "too-slow" : "not-rtmp", "refused");
    expect(lines).toHaveLength(10);
    now += 60_000;
    log.sumUp();
    expect(lines.at(-1)).toBe("also refused: 743 × not-rtmp, 247 × too-slow");
    for (let minute = 0; minute < 60; minute++, now += 60_000)
      for (let index = 0; index < 100; index++) log.refused("not-rtmp", "refused");
    // The summary of each minute is an additional line.
    expect(lines.length).toBeLessThan(10 + 1 + 61 * 11);
  });

  it("prints one line for each message, whatever strangers send", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const lines: string[] = [];
        new GateLog(
          (line) => void lines.push(line),
          () => 0,
        ).say(text);
        expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    ));
});

describe("the description of a stream", () => {
  it("is passed on with only the fields and types that Owncast expects", () => {
    const given = {
      ...{ width: 1280, height: 720, videocodecid: "avc1", audiocodecid: 10, encoder: "OBS", stereo: true },
      ...{ framerate: "30", duration: Number.NaN, VideoCodecID: true, more: { deep: [1] }, "2.1": false },
    };
    expect(readAmf(cleanMetadata(encodeAmf("@setDataFrame", "onMetaData", given), false) as Buffer)).toEqual([
      "onMetaData",
      { width: 1280, height: 720, videocodecid: "avc1", audiocodecid: 10, encoder: "OBS", stereo: true },
    ]);
  });

  it("is the only data that is passed on", () => {
    for (const values of [["onTextData", { text: "x" }], ["onMetaData"], ["@setDataFrame"], [1], []])
      expect(cleanMetadata(encodeAmf(...(values as string[])), false)).toBeUndefined();
  });
});
