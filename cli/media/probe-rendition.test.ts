import { describe, expect, it } from "vitest";
import type { ProbeOptions } from "./probe.ts";
import type { Fault } from "./probe-report.ts";
import { lookAtTestStages } from "./test-look.ts";
import type { TestStage } from "./test-stage.ts";

const { look, sd, hd, clips } = lookAtTestStages();

type Case = { fault: string; stage: () => TestStage; expected: Fault; options?: Partial<ProbeOptions> };
const about = (check: Fault["check"], says: string): Fault => ({ check, message: expect.stringContaining(says) });
const aboutHd = (check: Fault["check"], says: string): Fault => ({ rendition: "HD", ...about(check, says) });

describe("a fault of a rendition is named, and no other", () => {
  it.each<Case>([
    {
      fault: "a rendition has another size than it says",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().small })] }),
      expected: aboutHd("size", "its pictures are 320x180, not 426x240"),
    },
    {
      fault: "its playlist stays torn",
      stage: () => ({ renditions: [sd(), hd({ playlist: () => "" })] }),
      expected: aboutHd("playlist", "it is empty"),
    },
    {
      fault: "its playlist is not there",
      stage: () => ({
        renditions: [sd(), hd()],
        override: (path) => (path === "/hls/1/stream.m3u8" ? { status: 500, body: "" } : undefined),
      }),
      expected: aboutHd("playlist", "it answers 500"),
    },
    {
      fault: "its playlist has ended while live",
      stage: () => ({ renditions: [sd(), hd({ playlist: (text) => `${text}#EXT-X-ENDLIST\n` })] }),
      expected: aboutHd("ended", "ENDLIST"),
    },
    {
      fault: "the offline clip plays",
      stage: () => ({
        renditions: [
          sd(),
          hd({ playlist: (text) => `${text}#EXT-X-DISCONTINUITY\n#EXTINF:8.0,\noffline-v2.ts\n#EXT-X-ENDLIST\n` }),
        ],
      }),
      expected: aboutHd("ended", "the offline clip plays"),
    },
    {
      fault: "its segment is not there",
      stage: () => ({
        renditions: [sd(), hd({ segments: [], playlist: (text) => `${text}#EXTINF:1.0,\nstream-gone-7.ts\n` })],
      }),
      expected: aboutHd("segment", "answers 404"),
    },
    {
      fault: "its segment is no video",
      stage: () => ({ renditions: [sd(), hd({ segments: [Buffer.from("<html>not found</html>")] })] }),
      expected: aboutHd("segment", "does not decode"),
    },
    {
      fault: "its picture is black",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().black })] }),
      expected: aboutHd("black", "black picture"),
    },
    {
      fault: "its picture has no clock, as the offline clip",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().pattern })] }),
      expected: aboutHd("clock", "no clock in the picture"),
    },
    {
      fault: "its picture is frozen",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().frozen })] }),
      expected: aboutHd("frozen", "the clock stands still"),
    },
    {
      fault: "no newer segment comes",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().large.slice(0, 1) })] }),
      options: { stallSeconds: 1 },
      expected: aboutHd("stalled", "no new segment within"),
    },
    {
      fault: "the same second is sent again and again",
      stage: () => ({ renditions: [sd(), hd({ segments: [clips().large[0]!, clips().large[0]!] })] }),
      expected: aboutHd("order", "clock of a newer segment is not later"),
    },
    {
      fault: "its sequence starts over",
      stage: () => {
        let looks = 0;
        const restart = (text: string) =>
          looks++ === 0 ? text : text.replace(/stream-abc/g, "stream-new").replace(":41", ":3");
        const names = (index: number) => `stream-${index < 2 ? "abc" : "new"}-${index % 2}.ts`;
        const segments = [...clips().large, ...clips().large];
        return { renditions: [sd(), hd({ segments, segmentName: names, firstSequence: 41, playlist: restart })] };
      },
      expected: aboutHd("order", "its media sequence went from 41 to"),
    },
    {
      fault: "its picture is an hour old",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().old })] }),
      expected: aboutHd("recent", "s behind this machine's clock (the server's differs from it by"),
    },
  ])("when $fault", async ({ stage, expected, options }) => {
    const report = await (await look(stage(), options)).report;
    expect(report.faults).toEqual([expected]);
    const faulty = report.renditions.filter(({ latencySeconds }) => latencySeconds === undefined);
    expect(faulty.map(({ name }) => name)).toEqual(expected.rendition ? [expected.rendition] : []);
  });
});
