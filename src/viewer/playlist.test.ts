import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  onFirstPathway,
  PlaylistError,
  parseMaster,
  parseMedia,
  readWhole,
  steeringUriIn,
  tornBy,
} from "./playlist.ts";

// In Owncast's form, with its empty line at the end.
const master = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-STREAM-INF:BANDWIDTH=1184700,RESOLUTION=1280x720,CODECS="avc1.64001f,mp4a.40.2"
0/stream.m3u8

#EXT-X-STREAM-INF:BANDWIDTH=508800,RESOLUTION=854x480,CODECS="avc1.64001e,mp4a.40.2"
1/stream.m3u8

`;
const media = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:3
#EXT-X-MEDIA-SEQUENCE:41
#EXT-X-INDEPENDENT-SEGMENTS
#EXTINF:3.000000,
#EXT-X-PROGRAM-DATE-TIME:2026-11-25T02:59:49.085+0000
stream-Y9JbmKROg-41.ts
#EXTINF:2.066667,
stream-Y9JbmKROg-42.ts
`;
const ended = `${media}#EXT-X-DISCONTINUITY
#EXTINF:8.000000,
offline-v2.ts
#EXT-X-ENDLIST
`;

describe("an incomplete playlist", () => {
  it.each([
    ["is empty", "", "empty"],
    ["does not start as one", "<html>\n", "does not start"],
    ["starts with half the first line", "#EXTM", "does not start"],
    ["names nothing", "#EXTM3U\n#EXT-X-VERSION:6\n", "names nothing"],
    ["ends within a line", media.slice(0, -4), "cut off"],
    ["ends between an entry's two lines", `${media}#EXTINF:3.000000,\n`, "no address"],
    ["ends between a rendition's two lines", master.slice(0, master.indexOf("1/stream")), "no address"],
  ])("%s", (_, text, flaw) => expect(tornBy(text)).toContain(flaw));

  it.each([
    ["master", master],
    ["live", media],
    ["ended", ended],
    ["live, with Windows line ends", media.replaceAll("\n", "\r\n")],
  ])("is not recognised in a whole %s playlist", (_, text) => expect(tornBy(text)).toBeUndefined());

  it("is any first part of a playlist that ends within a line", () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: media.length - 1 }), (length) => {
        const start = media.slice(0, length);
        fc.pre(!start.endsWith("\n"));
        expect(tornBy(start)).toBeDefined();
      }),
    ));
});

describe("the reader of a playlist", () => {
  const answers =
    (...texts: string[]) =>
    () =>
      Promise.resolve(texts.shift() ?? "");
  const quick = { attempts: 4, pauseMs: 1 };

  it("asks again while the playlist is incomplete, and counts the attempts", async () => {
    const flaws: string[] = [];
    expect(await readWhole(answers("", media.slice(0, 50), media), (flaw) => flaws.push(flaw), quick)).toBe(media);
    expect(flaws).toHaveLength(2);
  });

  it("gives up if the playlist stays incomplete", async () => {
    let asked = 0;
    const empty = () => Promise.resolve(`${asked++ ? "" : ""}`);
    await expect(readWhole(empty, undefined, quick)).rejects.toThrow(new PlaylistError("it is empty"));
    expect(asked).toBe(quick.attempts);
  });

  it("throws the error of the request itself", async () => {
    const failing = () => Promise.reject(new Error("no answer"));
    await expect(readWhole(failing, undefined, quick)).rejects.toThrow("no answer");
  });
});

describe("a master playlist", () => {
  it("names each rendition with its size", () => {
    expect(parseMaster(master)).toEqual([
      { uri: "0/stream.m3u8", width: 1280, height: 720, bandwidthBps: 1_184_700 },
      { uri: "1/stream.m3u8", width: 854, height: 480, bandwidthBps: 508_800 },
    ]);
  });

  it("may leave out the size", () => {
    expect(parseMaster("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n0/a\n")).toEqual([
      { uri: "0/a", width: 0, height: 0, bandwidthBps: 1 },
    ]);
  });

  it("is not a list of segments", () => {
    expect(() => parseMaster(media)).toThrow("where renditions were expected");
  });
});

describe("a media playlist", () => {
  it("lists segments with address, length and date", () => {
    expect(parseMedia(media)).toEqual({
      targetDurationSeconds: 3,
      ended: false,
      segments: [
        {
          ...{ uri: "stream-Y9JbmKROg-41.ts", durationSeconds: 3, sequence: 41, discontinuity: false },
          madeAtMs: Date.UTC(2026, 10, 25, 2, 59, 49, 85),
        },
        { uri: "stream-Y9JbmKROg-42.ts", durationSeconds: 2.066667, sequence: 42, discontinuity: false },
      ],
    });
  });

  it("shows its end and its discontinuities", () => {
    const { ended: isEnded, segments } = parseMedia(ended);
    expect(isEnded).toBe(true);
    expect(segments.at(-1)).toEqual({ uri: "offline-v2.ts", durationSeconds: 8, sequence: 43, discontinuity: true });
  });

  it.each([
    ["a master playlist", master, "where segments were expected"],
    ["a playlist without target duration", "#EXTM3U\n#EXTINF:3,\na.ts\n", "EXT-X-TARGETDURATION"],
    [
      "a playlist with a segment without length",
      "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:,\na.ts\n",
      "has no length",
    ],
    [
      "a playlist with an address without an entry before it",
      "#EXTM3U\n#EXT-X-TARGETDURATION:3\na.ts\n",
      "not a valid playlist",
    ],
  ])("is not %s", (_, text, reason) => expect(() => parseMedia(text)).toThrow(reason));
});

describe("the master playlist of a stage with edges", () => {
  const steered = `#EXTM3U
#EXT-X-CONTENT-STEERING:SERVER-URI="https://stage.test/steer",PATHWAY-ID="paris"
#EXT-X-STREAM-INF:BANDWIDTH=2,PATHWAY-ID="paris"
https://paris.test/hls/0/stream.m3u8
#EXT-X-STREAM-INF:PATHWAY-ID="origin",BANDWIDTH=2
0/stream.m3u8
`;

  it("says the pathway of each rendition, and where players ask", () => {
    const variants = parseMaster(steered);
    expect(variants.map(({ uri, pathway }) => [pathway, uri])).toEqual([
      ["paris", "https://paris.test/hls/0/stream.m3u8"],
      ["origin", "0/stream.m3u8"],
    ]);
    expect(onFirstPathway(variants)).toEqual(variants.slice(0, 1));
    expect(steeringUriIn(steered)).toBe("https://stage.test/steer");
  });

  it("has no pathways in a stage without edges", () => {
    const plain = steered.replace(/^#EXT-X-CONTENT.*\n/m, "").replaceAll(/,?PATHWAY-ID="\w+",?/g, "");
    const variants = parseMaster(plain);
    expect(variants.every((variant) => !("pathway" in variant))).toBe(true);
    expect(onFirstPathway(variants)).toEqual(variants);
    expect(steeringUriIn(plain)).toBe(undefined);
  });
});
