import { describe, expect, it } from "vitest";
import { lookAtTestStages } from "../../checks/lib/stream/look.ts";
import { declaredForTests } from "../../checks/lib/stream/served-renditions.ts";
import type { TestStage } from "../../checks/lib/stream/served-stage.ts";
import type { ProbeOptions } from "./probe.ts";
import type { Fault } from "./probe-report.ts";
import { verdictLines } from "./probe-text.ts";

const faulty = ["old", "black", "pattern", "frozen", "silent", "muted", "wide"] as const;
const { look, sd, hd, clips } = lookAtTestStages(faulty);

type Case = { fault: string; stage: () => TestStage; expected: Fault; options?: Partial<ProbeOptions> };
const about = (check: Fault["check"], says: string): Fault => ({ check, message: expect.stringContaining(says) });
const aboutHd = (check: Fault["check"], says: string): Fault => ({ rendition: "HD", ...about(check, says) });

const hdPlaylist = (headers: object) => (path: string) => (path === "/hls/1/stream.m3u8" ? { ...headers } : {});
const hdSegments = (headers: object) => (path: string) => (/^\/hls\/1\/.*\.ts$/.test(path) ? { ...headers } : {});

describe("a fault of a rendition is named, and no other", () => {
  it.concurrent.each<Case>([
    {
      fault: "its frames have another size than the master playlist says",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().small })] }),
      expected: aboutHd("size", "its frames are 320x180, not 426x240"),
    },
    {
      fault: "its playlist stays incomplete",
      stage: () => ({ renditions: [sd(), hd({ playlist: () => "" })] }),
      expected: aboutHd("playlist", "it is empty"),
    },
    {
      fault: "its playlist is missing",
      stage: () => ({
        renditions: [sd(), hd()],
        override: (path) => (path === "/hls/1/stream.m3u8" ? { status: 500, body: "" } : undefined),
      }),
      expected: aboutHd("playlist", "the server answers 500"),
    },
    {
      fault: "nothing answers for its playlist",
      stage: () => ({
        renditions: [sd(), hd()],
        override: (path) => (path === "/hls/1/stream.m3u8" ? { body: "", cut: true } : undefined),
      }),
      expected: aboutHd("playlist", "its playlist gets no answer"),
    },
    {
      fault: "its playlist has ended although the stage is live",
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
      fault: "its segment is missing",
      stage: () => ({
        renditions: [sd(), hd({ segments: [], playlist: (text) => `${text}#EXTINF:1.0,\nstream-gone-7.ts\n` })],
      }),
      expected: aboutHd("segment", "answers 404"),
    },
    {
      fault: "its segment is not a video",
      stage: () => ({ renditions: [sd(), hd({ segments: [Buffer.from("<html>not found</html>")] })] }),
      expected: aboutHd("segment", "does not decode"),
    },
    {
      fault: "its picture is black",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().black })] }),
      expected: aboutHd("black", "the video is black"),
    },
    {
      fault: "its frames have no clock, like the offline clip",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().pattern })] }),
      expected: aboutHd("clock", "show no clock"),
    },
    {
      fault: "its picture is frozen",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().frozen })] }),
      expected: aboutHd("frozen", "its clock stands still"),
    },
    {
      fault: "no newer segment comes",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().large.slice(0, 1), goesOn: false })] }),
      options: { stallSeconds: 1 },
      expected: aboutHd("stalled", "no new segment within"),
    },
    {
      fault: "the same second is sent again and again",
      stage: () => ({ renditions: [sd(), hd({ segments: [clips().large[0]!, clips().large[0]!] })] }),
      expected: aboutHd("order", "clock of a newer segment is not later"),
    },
    {
      fault: "its sequence numbers start again",
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
      fault: "its playlist breaks during the probe",
      stage: () => {
        let looks = 0;
        return { renditions: [sd(), hd({ playlist: (text) => (looks++ === 0 ? text : "") })] };
      },
      expected: aboutHd("playlist", "it is empty"),
    },
    {
      fault: "it stops during the probe",
      stage: () => ({ renditions: [sd(), hd({ goesOn: false })] }),
      options: { stallSeconds: 1 },
      expected: aboutHd("stalled", "no new segment within"),
    },
    {
      fault: "only some browsers play it",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().wide })] }),
      expected: aboutHd("playable", "High 4:2:2"),
    },
    {
      fault: "it has no sound",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().silent })] }),
      expected: aboutHd("audio", "no sound"),
    },
    {
      fault: "it has another frame rate than declared",
      stage: () => ({ renditions: [sd(), hd()] }),
      options: { renditions: [declaredForTests[0]!, { ...declaredForTests[1]!, framerate: 50 }] },
      expected: aboutHd("framerate", "30 frames per second, not 50"),
    },
    {
      fault: "it has another bitrate than declared",
      stage: () => ({ renditions: [sd(), hd()] }),
      options: { renditions: [declaredForTests[0]!, { ...declaredForTests[1]!, bitrateKbps: 1200 }] },
      expected: aboutHd("bitrate", "not 1008 (1200 declared"),
    },
    {
      fault: "its playlist has a wrong content type",
      stage: () => ({ renditions: [sd(), hd()], headers: hdPlaylist({ "content-type": "text/plain" }) }),
      expected: aboutHd("types", "its playlist has Content-Type text/plain"),
    },
    {
      fault: "caches may keep its playlist",
      stage: () => ({ renditions: [sd(), hd()], headers: hdPlaylist({ "cache-control": "max-age=60" }) }),
      expected: aboutHd("caching", "caches may keep its playlist"),
    },
    {
      fault: "its segments are compressed a second time",
      stage: () => ({ renditions: [sd(), hd()], headers: hdSegments({ "content-encoding": "br" }) }),
      expected: aboutHd("compressed", "Content-Encoding: br"),
    },
    {
      fault: "it is further behind than allowed",
      stage: () => ({ renditions: [hd()] }),
      options: { maxLatencySeconds: 5, renditions: [declaredForTests[1]!] },
      expected: aboutHd("recent", "13 s behind"),
    },
    {
      fault: "its frames are an hour old",
      stage: () => ({ renditions: [sd(), hd({ segments: clips().old })] }),
      expected: aboutHd("recent", "s behind this machine's clock (the server's differs from it by"),
    },
  ])("if $fault", async ({ stage, expected, options }) => {
    const report = await (await look(stage(), options)).report;
    expect(report.faults.map(({ remedy: _, ...fault }) => fault)).toEqual([expected]);
    // The probe checked all other renditions completely.
    const unseen = report.renditions.filter(({ latencySeconds }) => latencySeconds === undefined);
    expect([...new Set([...unseen.map(({ name }) => name), "HD"])]).toEqual(["HD"]);
  });
});

it("silent sound is a warning with a remedy, not a fault", async () => {
  const report = await (await look({ renditions: [sd(), hd({ segments: clips().muted })] })).report;
  expect(report.faults).toEqual([]);
  expect(report.warnings).toEqual([
    {
      ...{ rendition: "HD", check: "silence", message: expect.stringContaining("digital silence") },
      remedy: expect.stringContaining("microphone"),
    },
  ]);
});

it("renditions with different segment lengths are a fault of the stage", async () => {
  const long = (text: string) => text.replace("TARGETDURATION:1", "TARGETDURATION:8");
  const report = await (await look({ renditions: [sd(), hd({ playlist: long })] })).report;
  expect(report.faults).toEqual([
    { ...about("switching", "SD 1 s, HD 8 s"), remedy: expect.stringContaining("keyframe interval to 1 s") },
  ]);
});

describe("a passthrough rendition", () => {
  const source = { name: "Source", width: 0, height: 0, framerate: 0, bitrateKbps: 0, passthrough: true };
  const needs = { hasPassthrough: true, hasEncoded: true, segmentSeconds: 1, tallest: { width: 320, height: 180 } };

  it("is the one that remains after the others are matched, and is judged as the gate judges the camera", async () => {
    const report = await (
      await look({ renditions: [sd(), hd()] }, { renditions: [declaredForTests[0]!, source], needs })
    ).report;
    expect(report.faults).toEqual([]);
    expect(report.renditions[1]).toMatchObject({ name: "Source", width: 426, height: 240, framerate: 30 });
    const made = report.checks.filter(({ rendition, check }) => rendition === "Source" && /^(gop|camera)$/.test(check));
    expect(made.map(({ check, outcome, detail }) => [check, outcome, detail])).toEqual([
      ["gop", "passed", "every 1 s"],
      ["camera", "passed", ""],
    ]);
  });

  it("has a fault with the reason if its keyframes do not fit the latency level", async () => {
    const tooShort = { ...needs, segmentSeconds: 0.5 };
    const report = await (
      await look({ renditions: [sd(), hd()] }, { renditions: [declaredForTests[0]!, source], needs: tooShort })
    ).report;
    expect(report.faults).toEqual([
      {
        ...{ rendition: "Source", check: "gop", message: expect.stringContaining("1 s pass between keyframes") },
        remedy: expect.stringContaining("Keyframe Interval"),
      },
    ]);
  });
});

it("a check without a measurement is reported as not made", async () => {
  const plain = { renditions: [hd({ segments: clips().pattern })] };
  const report = await (
    await look(plain, { renditions: undefined, undeclared: "the seed has no video.ladder", anyPicture: true })
  ).report;
  const unmade = new Map(
    report.checks.flatMap(({ check, outcome, detail }) => (outcome === "not-checked" ? [[check, detail]] : [])),
  );
  for (const check of ["missing", "extra", "framerate", "bitrate", "gop", "camera"] as const)
    expect([check, unmade.get(check)]).toEqual([check, expect.stringContaining("the seed has no video.ladder")]);
  for (const check of ["clock", "frozen", "recent"] as const) expect(unmade.get(check)).toContain("--any-picture");
  expect(verdictLines(report)).toEqual(["✓ 426x240@30: live, delay not measured"]);
});
