import { describe, expect, it } from "vitest";
import { readListed, SegmentNews } from "./listed-segments.ts";

const playlist = (files: readonly string[], more = ""): string =>
  [
    "#EXTM3U",
    "#EXT-X-VERSION:6",
    "#EXT-X-TARGETDURATION:2",
    "#EXT-X-MEDIA-SEQUENCE:7",
    ...files.flatMap((file) => ["#EXTINF:2.000000,", "#EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:00:00.000+0000", file]),
    more,
  ].join("\n");
const segment = (...numbers: readonly number[]): string[] => numbers.map((number) => `stream-abc-${number}.ts`);
const freshOf = (news: SegmentNews, files: readonly string[]): string[] =>
  news.look(readListed(playlist(files))).fresh.map(({ file }) => file);

describe("the keeper's playlist", () => {
  it("names each segment's place, length and date, and leaves the offline clip out", () => {
    const text = playlist([...segment(1), "../2/stream-abc-2.ts", "stream-offline-3.ts"], "#EXT-X-ENDLIST\n");
    const { segments, ended } = readListed(text);
    expect(ended).toBe(true);
    expect(segments).toMatchObject([
      { input: 0, file: "stream-abc-1.ts", durationSeconds: 2, madeAtMs: Date.UTC(2026, 10, 30, 8) },
      { input: 2, file: "stream-abc-2.ts" },
    ]);
  });

  it.each([
    ["nothing", "", "torn"],
    ["half of one", playlist(segment(1)).slice(0, -5), "torn"],
    ["a web page", "<html>busy</html>\n", "torn"],
    ["a master playlist", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n0/stream.m3u8\n", "renditions"],
    ["a way out of the folder", playlist(["../../../etc/passwd.ts"]), "no segment"],
    ["another site", playlist(["https://example.org/stream-abc-1.ts"]), "no segment"],
    ["more segments than a list can have", playlist(segment(...Array(401).keys())), "401 segments"],
    ["a segment of an hour", playlist(segment(1)).replace("2.000000", "3600"), "3600 s"],
  ])("refuses %s in words", (_, text, words) => {
    expect(() => readListed(text)).toThrow(words);
  });
});

describe("new segments", () => {
  it("are the newest two at first, and then each once", () => {
    const news = new SegmentNews();
    expect(freshOf(news, segment(1, 2, 3, 4))).toEqual(segment(3, 4));
    expect(freshOf(news, segment(1, 2, 3, 4))).toEqual([]);
    expect(freshOf(news, segment(3, 4, 5, 6))).toEqual(segment(5, 6));
  });

  it("are those of another session, whatever their numbers are", () => {
    const news = new SegmentNews();
    freshOf(news, segment(7, 8));
    expect(freshOf(news, [...segment(8), "stream-xyz-0.ts"])).toEqual(["stream-xyz-0.ts"]);
  });

  it("begin again with the newest two when some were missed", () => {
    const news = new SegmentNews();
    freshOf(news, segment(1, 2));
    const { fresh, isBroken } = news.look(readListed(playlist(segment(10, 11, 12))));
    expect(isBroken).toBe(true);
    expect(fresh.map(({ file }) => file)).toEqual(segment(11, 12));
  });

  it("are none in a playlist that ran back, which is said", () => {
    const news = new SegmentNews();
    freshOf(news, segment(1, 2, 3));
    const { fresh, fault } = news.look(readListed(playlist(segment(1, 2))));
    expect(fresh).toEqual([]);
    expect(fault).toContain("ran back to stream-abc-2.ts");
    expect(freshOf(news, segment(2, 3, 4))).toEqual(segment(4));
  });
});
