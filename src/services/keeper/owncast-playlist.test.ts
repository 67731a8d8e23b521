import { describe, expect, it } from "vitest";
import { countVariants, parseOwncastPlaylist } from "./owncast-playlist.ts";

// Written by Owncast 0.2.5.
const live = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:3
#EXT-X-INDEPENDENT-SEGMENTS
#EXTINF:2.000000,
#EXT-X-PROGRAM-DATE-TIME:2026-11-25T21:39:16.275+0000
stream-7Me-mpgORz-3.ts
#EXTINF:0.208333,
#EXT-X-PROGRAM-DATE-TIME:2026-11-25T21:39:18.275+0000
stream-7Me-mpgORz-4.ts
`;
const dropped = `${live}#EXT-X-DISCONTINUITY\n#EXTINF:8.000000,\noffline-v2.ts\n#EXT-X-ENDLIST\n`;
const offline = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:5
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-INDEPENDENT-SEGMENTS
#EXTINF:5.000000,
#EXT-X-PROGRAM-DATE-TIME:2026-11-25T21:39:00.848+0000
stream-offline-0.ts
#EXT-X-ENDLIST
`;

describe("a playlist of a variant", () => {
  it("of a live stream is read with its sessions, its lengths and the lines before each name", () => {
    expect(parseOwncastPlaylist(live)).toEqual({
      mediaSequence: 3,
      ended: false,
      segments: [
        {
          uri: "stream-7Me-mpgORz-3.ts",
          durationSeconds: 2,
          session: "7Me-mpgORz",
          tags: ["#EXTINF:2.000000,", "#EXT-X-PROGRAM-DATE-TIME:2026-11-25T21:39:16.275+0000"],
        },
        {
          uri: "stream-7Me-mpgORz-4.ts",
          durationSeconds: 0.208333,
          session: "7Me-mpgORz",
          tags: ["#EXTINF:0.208333,", "#EXT-X-PROGRAM-DATE-TIME:2026-11-25T21:39:18.275+0000"],
        },
      ],
    });
  });

  it("of a lost publisher ends with a clip that has no session", () => {
    const { ended, segments } = parseOwncastPlaylist(dropped) ?? { segments: [] };
    expect({ ended, last: segments.at(-1)?.session }).toEqual({ ended: true, last: undefined });
  });

  it("of a stage where nobody publishes has no session at all", () => {
    expect(parseOwncastPlaylist(offline)?.segments.map(({ session }) => session)).toEqual([undefined]);
  });

  it("that is cut off in a line or between a line and its segment is not read", () => {
    for (const text of [live, dropped, offline])
      for (let length = 0; length < text.length; length++) {
        const cut = text.slice(0, length);
        const whole = cut.endsWith(".ts\n") || cut.endsWith("DISCONTINUITY\n");
        if (!whole) expect(parseOwncastPlaylist(cut), JSON.stringify(cut)).toBeUndefined();
      }
  });

  it.each([
    ["the halves of two sessions", live.replace("7Me-mpgORz-4", "other-4")],
    ["a line of another kind", live.replace("#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-KEY:METHOD=NONE")],
    ["a name that leads out of the folder", live.replace("stream-7Me-mpgORz-4.ts", "../stream-7Me-mpgORz-4.ts")],
    ["something after the end", `${offline}${live}`],
    ["an invalid length", live.replace("2.000000", "two")],
    ["no sequence number", live.replace("#EXT-X-MEDIA-SEQUENCE:3\n", "")],
    ["a target duration of hours", live.replace(/TARGETDURATION:\d+/, "TARGETDURATION:999999")],
    ["a segment of hours", live.replace("2.000000", "999999.0")],
    ["a long name", live.replace("stream-7Me-mpgORz-4.ts", `${"x".repeat(300)}.ts`)],
    ["an invalid date", live.replace("PROGRAM-DATE-TIME:", `PROGRAM-DATE-TIME:${"9".repeat(300)}`)],
    ["an impossible number of segments", `${live}${"#EXTINF:2.000000,\nstream-7Me-mpgORz-9.ts\n".repeat(200)}`],
    ["the address of another server", live.replace("stream-7Me", "https://example.org/stream-7Me")],
  ])("with %s is not read", (_, text) => expect(parseOwncastPlaylist(text)).toBeUndefined());
});

describe("a master playlist", () => {
  const master =
    '#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-STREAM-INF:BANDWIDTH=479600,RESOLUTION=320x180,CODECS="avc1.64000c,mp4a.40.2"\n0/stream.m3u8\n\n#EXT-X-STREAM-INF:BANDWIDTH=809600,RESOLUTION=640x360,CODECS="avc1.64001e,mp4a.40.2"\n1/stream.m3u8\n\n';

  it("gives the number of its variants", () => expect(countVariants(master)).toBe(2));

  it("with an impossible number of variants is not counted", () => {
    expect(countVariants(`#EXTM3U\n${"#EXT-X-STREAM-INF:BANDWIDTH=1\n0/stream.m3u8\n".repeat(101)}`)).toBeUndefined();
  });

  it("that is empty or cut off is not counted, unless it is cut between two variants", () => {
    for (let length = 0; length < master.length; length++) {
      const cut = master.slice(0, length);
      const counted = countVariants(cut);
      if (!/0\/stream\.m3u8\n+$/.test(cut) && !/1\/stream\.m3u8\n$/.test(cut))
        expect(counted, JSON.stringify(cut)).toBeUndefined();
    }
  });
});
