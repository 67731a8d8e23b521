import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../checks/lib/exhaustive.ts";
import { levels, type Rendition } from "../../codegen/schema/owncast/ladder.ts";
import { capacityOf, carriedViewers, type Question } from "./capacity.ts";
import { assumptionsOf, changesFor } from "./capacity-advice.ts";
import { type Costs, costs as costsShape, usualCosts } from "./costs.ts";
import { type StageLoad, usualSplit } from "./stage-load.ts";

// Round numbers, so that the sums can be done by hand.
const round: Costs = {
  ...usualCosts,
  encoder: {
    decodePerMegapixel: 0.002,
    soundPerSecond: 0.01,
    levels: {
      lowest: { perSecond: 0.05, perMegapixel: 0.004 },
      low: { perSecond: 0.05, perMegapixel: 0.006 },
      medium: { perSecond: 0.05, perMegapixel: 0.01 },
      high: { perSecond: 0.05, perMegapixel: 0.015 },
      highest: { perSecond: 0.05, perMegapixel: 0.02 },
    },
  },
  idlePerSecond: 0.06,
  audiencePerSecond: 0.04,
  delivery: {
    ...{ perSegment: 0.0002, perSegmentGbit: 0.25, perPlaylist: 0.0004, perPing: 0.0004, perStatus: 0.0005 },
    ...{ perMetrics: 0.001, perChatMessage: 0.0001, perJoin: 0.06, perReport: 0.0006 },
  },
  muxOverhead: 1.25,
  pageBytes: 1_500_000,
};

// 1000 x 500 at 20 frames a second: 10 million pixels each second.
const one: Rendition = { name: "One", width: 1000, height: 500, framerate: 20, bitrateKbps: 1064 };
const oneStage: StageLoad = { ladder: [one], latency: "low", chat: true, segmentsFrom: "machine" };
const ask = (changed: Partial<Question> & { stage?: StageLoad } = {}) => ({
  stage: oneStage,
  machine: { cores: 4, nicMbit: 1000, costs: round, isCalibrated: true },
  viewers: 100,
  hours: 2,
  ...changed,
});

describe("a ladder of one rendition, done by hand", () => {
  const capacity = capacityOf(ask());

  it("a viewer gets 192 kbit/s less video than declared, the camera's sound, and MPEG-TS around both", () => {
    // (1064 - 192 + 128) x 1.25
    expect(capacity.renditions[0]?.segmentKbps).toBeCloseTo(1250);
    expect(capacity.network.segmentsMbit).toBeCloseTo(125);
  });

  it("the encoder decodes the camera, scales and encodes", () => {
    // 10 x 0.002 + 0.05 + 10 x 0.01, and half as much again for moving scenes
    expect(capacity.processors.encoder).toBeCloseTo(0.17);
    expect(capacity.processors.encoderInMotion).toBeCloseTo(0.255);
    // (0.255 + 0.1) of 0.8 each
    expect(capacity.processors.neededForLadder).toBe(1);
  });

  it("viewers cost playlists, segments, pings, status, metrics and chat", () => {
    // Each second: half a segment and playlist, 1.25 Mbit, 1/4 ping, 1/5 status, 1/10 metrics, one message, and the keeper's 1/6 report.
    const perViewer = 0.5 * 0.0002 + 0.00125 * 0.25 + 0.5 * 0.0004 + 0.0001 + 0.0001 + 0.0001 + 0.0001 + 0.0001;
    expect(capacity.processors.viewers).toBeCloseTo(100 * perViewer, 9);
    // Within ten minutes: 100 x 0.06 s.
    expect(capacity.processors.joins).toBeCloseTo(0.01);
    // 3.2 usable, less the ladder and the servers
    const room = 4 * 0.8 - 0.255 - 0.1;
    expect(capacity.limits).toContainEqual({ what: "processors", viewers: Math.floor(room / (perViewer + 0.0001)) });
  });

  it("the network carries segments, what surrounds them on the wire, and the page's requests, at their peak", () => {
    // 1250 x 1.08, and 750 + 37.5 + 100 + 15 + 500 bytes of responses each second
    const kbps = 1350 + (1402.5 * 8) / 1000;
    expect(capacity.network.perViewerKbps).toBeCloseTo(kbps);
    expect(capacity.network.meanMbit).toBeCloseTo(kbps / 10);
    // The page for 100 who come within ten minutes: 20 kbit/s each.
    expect(capacity.network.peakMbit).toBeCloseTo((kbps / 10) * 1.45 + 2);
    expect(capacity.limits[0]).toEqual({ what: "network", viewers: Math.floor(1e6 / (kbps * 1.45 + 20)) });
    // Two hours, and the page once
    expect(capacity.traffic).toEqual({ machineGb: expect.closeTo((kbps * 0.1 * 7200) / 8000 + 0.15), elsewhereGb: 0 });
    expect(capacity.fits).toBe(true);
  });

  it("segments of three minutes are held", () => {
    // 1250 kbit/s x 180 s
    expect(capacity.heldSegmentsMb).toBeCloseTo(28.125);
  });

  it("OBS gets what lectern obs sets", () => {
    expect(capacity.camera).toEqual({
      ...{ width: 1000, height: 500, framerate: 20, bitrateKbps: 1064, soundKbps: 128, keyframeSeconds: 2 },
    });
  });
});

const atEdge: StageLoad = { ...oneStage, segmentsFrom: "edge" };

it("with segments from elsewhere, each leaves the machine once, and viewers only ask for page and chat", () => {
  const [here, there] = [capacityOf(ask()), capacityOf(ask({ stage: atEdge }))];
  const requests = ((37.5 + 100 + 15 + 500) * 8) / 1000;
  expect(there.network.perViewerKbps).toBeCloseTo(requests);
  expect(there.network.meanMbit).toBeCloseTo((1350 + 100 * requests) / 1000);
  expect(there.traffic.elsewhereGb).toBeCloseTo((125 * 7200) / 8000);
  expect(there.processors.viewers).toBeCloseTo(100 * 0.0004, 9);
  expect(there.processors.encoder).toBe(here.processors.encoder);
});

const source: Rendition = { name: "Source", passthrough: true };

describe("a passthrough rendition", () => {
  const passed: StageLoad = { ...oneStage, ladder: [source] };

  it("costs no encoder, and its bitrate is the camera's", () => {
    const question = ask({ stage: passed, known: { bitrateKbps: 6000 } });
    const { processors, renditions } = capacityOf(question);
    expect([processors.encoder, renditions[0]?.segmentKbps]).toEqual([0, (6000 + 128) * 1.25]);
    expect(assumptionsOf(question, capacityOf(question)).join(" ")).not.toContain("Source passes");
  });

  it("of an unknown camera is a guess, which is told", () => {
    const question = ask({ stage: passed });
    const capacity = capacityOf(question);
    expect(capacity.camera).toMatchObject({ width: 1280, height: 720, bitrateKbps: 2500 });
    expect(assumptionsOf(question, capacity).join(" ")).toContain("Source passes the camera on, at 2500 kbit/s");
  });

  it("beside encoded ones leaves their cost, with the camera's frames", () => {
    const { processors } = capacityOf(ask({ stage: { ...oneStage, ladder: [one, source] } }));
    // 1280 x 720 at 20 frames are 18.432 million pixels to decode.
    expect(processors.encoder).toBeCloseTo(18.432 * 0.002 + 0.15);
  });
});

it("Owncast encodes all renditions with the last one's effort", () => {
  const ladder: Rendition[] = [
    { ...one, cpuUsage: "highest" },
    { ...one, name: "Two", cpuUsage: "lowest" },
  ];
  const question = ask({ stage: { ...oneStage, ladder } });
  const capacity = capacityOf(question);
  expect(capacity.processors.encoder).toBeCloseTo(0.02 + 2 * (0.05 + 0.04));
  expect(assumptionsOf(question, capacity).join(" ")).toContain("the last one's cpuUsage: lowest");
});

it("an encoder of a device counts as the least effort, and has no efforts to choose from", () => {
  const capacity = capacityOf(ask({ stage: { ...oneStage, codec: "h264_vaapi" } }));
  expect([capacity.processors.encoder, capacity.efforts]).toEqual([expect.closeTo(0.02 + 0.09), []]);
});

it("sound that is encoded counts", () => {
  const { processors, renditions } = capacityOf(
    ask({ stage: { ...oneStage, ladder: [{ ...one, audioBitrateKbps: 96 }] } }),
  );
  expect(processors.encoder).toBeCloseTo(0.18);
  expect(renditions[0]?.segmentKbps).toBeCloseTo((872 + 96) * 1.25);
});

it("viewers split over renditions as Owncast's own calculator says", () => {
  expect([1, 2, 3, 5].map(usualSplit)).toEqual([[1], [0.3, 0.7], [0.1, 0.2, 0.7], [0, 0, 0.1, 0.2, 0.7]]);
});

it("an effort costs processors and saves bits of encoded video, not of sound and not of a passthrough rendition", () => {
  const ladder: Rendition[] = [{ ...one, cpuUsage: "low" }, source];
  const { efforts } = capacityOf(ask({ stage: { ...oneStage, ladder }, split: [0.5, 0.5] }));
  const own = efforts.find(({ isOwn }) => isOwn);
  expect(own).toMatchObject({ cpuUsage: "low", bitsForSameQuality: 1, moreMbit: 0 });
  const [lowest] = efforts;
  // Half of 100 viewers watch 872 x 1.25 kbit/s of encoded video.
  expect(lowest?.moreMbit).toBeCloseTo(((lowest?.bitsForSameQuality ?? 0) - 1) * 50 * 1.09);
  expect(efforts.map(({ processors }) => processors)).toEqual(efforts.map(({ processors }) => processors).sort());
});

describe("what helps", () => {
  const two: Rendition = { ...one, name: "Two", width: 2000, height: 1000, bitrateKbps: 3000 };
  const stage: StageLoad = { ...oneStage, ladder: [one, two] };

  it("nothing is to change where all fits", () => {
    expect(changesFor(ask())).toEqual([]);
  });

  // (40 x 0.002 + 2 x 0.05 + 50 x 0.01) x 1.5 + 0.1 is 1.12; with 0.006 it is 0.82, and with 0.004 0.67.
  it.each([
    { cores: 1.2, viewers: 10, effort: "low" },
    { cores: 1.05, viewers: 30, effort: "lowest" },
    { cores: 1, viewers: 10, effort: "lowest" },
  ])(
    "for $viewers on $cores processors, less effort comes first, and only as much less as it takes: $effort",
    ({ cores, viewers, effort }) => {
      const question = ask({ stage, machine: { ...ask().machine, cores, nicMbit: undefined }, viewers });
      expect(capacityOf(question).limits).toEqual([{ what: "processors", viewers: 0 }]);
      const [first] = changesFor(question);
      expect(first?.does).toBe(`cpuUsage: ${effort} for all renditions`);
      expect(first?.viewers).toBeGreaterThanOrEqual(viewers);
    },
  );

  it("on too small a link, the effort does not help: fewer renditions, edges, storage, a larger link do", () => {
    const question = ask({ stage, machine: { ...ask().machine, cores: 16, nicMbit: 200 } });
    const changes = changesFor(question);
    expect(changes.map(({ does }) => does)).toEqual([
      "a ladder without Two",
      expect.stringContaining("edges or a CDN (storage.servingEndpoint: 3 with 200 Mbit/s each)"),
      expect.stringContaining("object storage"),
      expect.stringMatching(/^a machine with a link of \d+ Mbit\/s$/),
    ]);
    expect(changes.at(-1)?.viewers).toBeGreaterThanOrEqual(question.viewers);
  });

  it("with segments from elsewhere already, nobody is sent elsewhere", () => {
    const question = ask({ stage: atEdge, viewers: 1_000_000 });
    const changes = changesFor(question).map(({ does }) => does);
    expect(changes.at(-1)).toContain("a machine with");
    expect(changes.join()).not.toContain("storage");
  });
});

const arbitraryLadder = fc
  .array(
    fc.record({
      ...{ width: fc.integer({ min: 32, max: 2000 }), height: fc.integer({ min: 32, max: 1000 }) },
      ...{ framerate: fc.integer({ min: 10, max: 60 }), bitrateKbps: fc.integer({ min: 400, max: 20_000 }) },
      cpuUsage: fc.constantFrom(...levels),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) => list.map((rendition, index): Rendition => ({ name: `R${index}`, ...rendition })));
const arbitraryStage = fc.record({
  ladder: arbitraryLadder,
  latency: fc.constantFrom(...levels),
  chat: fc.boolean(),
  segmentsFrom: fc.constantFrom("machine" as const, "bucket" as const, "edge" as const),
});
const arbitraryQuestion = fc.record({
  stage: arbitraryStage,
  machine: fc.record({
    cores: fc.double({ min: 0.1, max: 256, noNaN: true }),
    nicMbit: fc.option(fc.double({ min: 1, max: 100_000, noNaN: true }), { nil: undefined }),
    costs: fc.constantFrom(round, usualCosts),
    isCalibrated: fc.boolean(),
  }),
  viewers: fc.integer({ min: 1, max: 100_000 }),
  hours: fc.double({ min: 0.1, max: 100, noNaN: true }),
});

/** All that a stage needs, as numbers. */
const needsOf = ({ processors, network, traffic, memoryMb, heldSegmentsMb }: ReturnType<typeof capacityOf>) => [
  ...[processors.encoder, processors.idle, processors.viewers, processors.joins, processors.needed],
  ...[network.meanMbit, network.peakMbit, network.peakAtBestMbit, network.segmentsMbit],
  ...[traffic.machineGb, traffic.elsewhereGb, memoryMb, heldSegmentsMb],
];

/** None of the second is below that of the first; sums of fractions may differ in their last digits. */
const expectNoLess = (less: readonly number[], more: readonly number[]) => {
  for (const [index, value] of less.entries()) expect(more[index]).toBeGreaterThanOrEqual(value - 1e-9 * value);
};

describe("for any stage and machine", () => {
  const check = (property: (question: Question, extra: number) => void) =>
    fc.assert(fc.property(arbitraryQuestion, fc.integer({ min: 1, max: 1000 }), property), {
      numRuns: runs(40, 1000),
    });

  it("more viewers never need less", () => {
    check((question, extra) => {
      const more = { ...question, viewers: question.viewers + extra };
      expectNoLess(needsOf(capacityOf(question)), needsOf(capacityOf(more)));
      expect(capacityOf(more).fits && !capacityOf(question).fits).toBe(false);
    });
  });

  it("a larger machine never carries fewer", () => {
    check((question, extra) => {
      const { machine } = question;
      const nicMbit = machine.nicMbit && machine.nicMbit + extra;
      const larger = capacityOf({ ...question, machine: { ...machine, cores: machine.cores + extra, nicMbit } });
      expect(carriedViewers(larger)).toBeGreaterThanOrEqual(carriedViewers(capacityOf(question)) ?? 0);
    });
  });

  it("a rendition more never needs less of the encoder, of memory and of the disk", () => {
    check((question) => {
      const { ladder = [] } = question.stage;
      const [, ...fewer] = ladder;
      if (fewer.length === 0) return;
      const less = capacityOf({
        ...question,
        known: { width: 1920, height: 1080, framerate: 30 },
        stage: { ...question.stage, ladder: fewer },
      });
      const all = capacityOf({ ...question, known: { width: 1920, height: 1080, framerate: 30 } });
      expectNoLess(
        [less.processors.encoder, less.memoryMb, less.heldSegmentsMb],
        [all.processors.encoder, all.memoryMb, all.heldSegmentsMb],
      );
    });
  });

  it("it carries as many as it says, and not one more", () => {
    check((question) => {
      const carried = carriedViewers(capacityOf(question)) ?? 0;
      if (carried < 1 || carried > 1e9) return;
      expect(capacityOf({ ...question, viewers: carried }).fits).toBe(true);
      expect(capacityOf({ ...question, viewers: carried + 1 }).fits).toBe(false);
    });
  });

  it("what helps says the truth: it carries more than before, and the larger machine carries all", () => {
    check((question) => {
      const changes = changesFor(question);
      const now = carriedViewers(capacityOf(question)) ?? 0;
      for (const { viewers } of changes) expect(viewers ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now);
      if (changes.length > 0) expect(changes.at(-1)?.viewers ?? 0).toBeGreaterThanOrEqual(question.viewers);
    });
  });
});

it("the built-in costs have the shape of a calibration", () => {
  expect(costsShape.parse(usualCosts)).toEqual(usualCosts);
});
