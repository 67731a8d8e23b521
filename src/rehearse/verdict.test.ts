import { describe, expect, it } from "vitest";
import { goodRehearsal as good, goodLines, same } from "../../checks/lib/stream/good-rehearsal.ts";
import { findCauses, type Seen } from "./find-causes.ts";
import type { Measured } from "./rehearsal-report.ts";
import { checkLimits, defaultLimits, verdictOf } from "./verdict.ts";

const failures = (measured: Partial<Measured>) =>
  checkLimits({ ...good, ...measured }, defaultLimits)
    .filter(({ outcome }) => outcome === "failed")
    .map(({ name, measured: value, limit }) => `${name}: ${value} of ${limit}`);

describe("the checks", () => {
  it("pass a good stage", () => expect(failures({})).toEqual([]));

  it.each<[string, Partial<Measured>]>([
    ["time to the first frame (p95): 7.00 s of 5.00 s", { startSeconds: same(7) }],
    ["stalls per viewer-hour: 12 of 1.00", { stallsPerViewerHour: 12 }],
    ["stalled share of the time: 20 % of 0.50 %", { rebufferShare: 0.2 }],
    ["segment time of its length (p95): 130 % of 75 %", { segmentShare: same(1.3) }],
    ["behind live (p95): 50.0 s of 40.0 s", { behindSeconds: same(50) }],
    ["failed requests: 1.00 % of 0.10 %", { errorShare: 0.01 }],
    ["torn playlists: 10 % of 0.10 %", { tornPlaylists: 40 }],
    ["segments compressed again: 50 % of 25 %", { segmentEncodings: { none: 150, zstd: 150 } }],
  ])("fail alone with %s", (failure, measured) => expect(failures(measured)).toEqual([failure]));

  it("fail a stage on which nobody saw a frame, whatever was not measured", () =>
    expect(
      failures({ viewersStarted: 0, startSeconds: undefined, stallsPerViewerHour: undefined, segmentShare: undefined }),
    ).toEqual(["viewers who saw a frame: 0 of 20 of all"]));

  it.each([
    [{ chatUsersJoined: 5, chatMessagesSent: 40, chatMessagesBack: 39 }, ["passed", "passed"]],
    [{ chatUsersJoined: 4, chatMessagesSent: 40, chatMessagesBack: 20 }, ["failed", "failed"]],
    [{ chatUsersJoined: 5, chatMessagesSent: 0, chatMessagesBack: 0 }, ["passed", "not-measured"]],
  ])("judge the chat: %o", (chat, outcomes) => {
    const checks = checkLimits({ ...good, ...chat }, defaultLimits, 5);
    expect(checks.filter(({ name }) => name.startsWith("chat")).map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  it("do not judge what was not measured", () =>
    expect(checkLimits({ ...good, behindSeconds: undefined }, defaultLimits)).toContainEqual(
      expect.objectContaining({ name: "behind live (p95)", measured: "–", outcome: "not-measured" }),
    ));
});

describe("the verdict", () => {
  const bad = checkLimits({ ...good, errorShare: 1 }, defaultLimits);
  const fine = checkLimits(good, defaultLimits);
  it("is by the checks", () =>
    expect([fine, bad].map((checks) => verdictOf(checks, { spoiltBy: [] }))).toEqual(["passed", "failed"]));
  it("is none if this machine was the limit", () =>
    expect([fine, bad].map((checks) => verdictOf(checks, { spoiltBy: ["busy"] }))).toEqual(["spoilt", "spoilt"]));
  it("is none if it was interrupted or no longer allowed", () =>
    expect(
      (["interrupted", "not-allowed", "unreachable"] as const).map((kind) =>
        verdictOf(fine, { earlyEnd: { kind, message: "" }, spoiltBy: [] }),
      ),
    ).toEqual(["unfinished", "unfinished", "unfinished"]));
  it("is bad if the stream ended", () =>
    expect(verdictOf(fine, { earlyEnd: { kind: "stream-ended", message: "" }, spoiltBy: [] })).toBe("failed"));
});

describe("the causes", () => {
  const cubic = { ...goodLines, congestionControl: "cubic" };
  const causes = (measured: Partial<Measured>, seen: Partial<Seen> = {}) =>
    findCauses({ measured: { ...good, ...measured }, limits: defaultLimits, outages: [], ranSeconds: 60, ...seen }).map(
      ({ message }) => message,
    );

  it("of a good rehearsal are none", () => expect(causes({})).toEqual([]));
  it("name an outage with its time", () =>
    expect(causes({}, { outages: [{ kind: "down", fromSeconds: 12, answer: "502" }] })).toEqual([
      "Owncast was down from 12 s to the end (/api/status: status 502)",
    ]));
  it("name a lost camera", () =>
    expect(causes({}, { outages: [{ kind: "offline", fromSeconds: 12, toSeconds: 30, answer: "offline" }] })).toEqual([
      "the stage was off the air from 12 s to 30 s: nobody published",
    ]));
  it("do not name one lost response", () =>
    expect(causes({}, { outages: [{ kind: "down", fromSeconds: 12, toSeconds: 13, answer: "502" }] })).toEqual([]));
  it("name a server that compresses video", () =>
    expect(causes({ segmentEncodings: { none: 10, zstd: 200, gzip: 90 } })).toEqual([
      expect.stringMatching(/compresses video again for each viewer \(zstd 67 %, gzip 30 % of the segments\)/),
    ]));
  it("name a line that carries too little, with what was needed", () =>
    expect(causes({ segmentShare: same(1.4), mbpsMean: 30, mbpsMax: 32 })).toEqual([
      expect.stringMatching(/too slowly: they got 30 Mbit\/s, 32 Mbit\/s in the best second, and need 50 Mbit\/s/),
    ]));
  const slow = { segmentShare: same(1.4), mbpsMean: 30, mbpsMax: 32 };
  it("name the line to viewers far away, and that the host has no BBR", () =>
    expect(
      findCauses({ measured: { ...good, ...slow }, limits: defaultLimits, outages: [], ranSeconds: 60, lines: cubic }),
    ).toEqual([
      {
        message: expect.stringMatching(
          /^video reaches the viewers too slowly over a line of 250 ms, 1 % loss and 20 Mbit\/s for each viewer: they got/,
        ),
        remedy: expect.stringMatching(/^this host sends with cubic, .*: set net\.ipv4\.tcp_congestion_control to bbr/),
      },
    ]));
  it.each<[string, Partial<Measured>, number, RegExp]>([
    ["whose rate the video fills", { mbpsNeeded: 20 * 3.2 }, 2, /^each viewer needs 3\.2 Mbit\/s of the 2\.0 Mbit\/s/],
    [
      "on which nothing arrived",
      { segmentShare: undefined, mbpsNeeded: undefined },
      0.1,
      /^a server near such viewers/,
    ],
    ["whose rate is enough", { mbpsNeeded: 20 * 3.2 }, 20, /^a server near such viewers/],
  ])("name a line %s", (_, measured, rate, remedy) => {
    const lines = { ...goodLines, asked: { ...goodLines.asked, mbps: rate } };
    const seen = { measured: { ...good, ...slow, ...measured }, limits: defaultLimits, outages: [], ranSeconds: 60 };
    expect(findCauses({ ...seen, lines }).map(({ remedy }) => remedy)).toEqual([expect.stringMatching(remedy)]);
  });
  it("name HTTP/3 to viewers far away, which these viewers do not use", () => {
    const http3Offer = 'h3=":443"';
    expect(causes({}, { http3Offer, lines: goodLines })).toEqual([
      expect.stringMatching(/^the stage offers HTTP\/3 \(Alt-Svc: h3=":443"\), .* cannot use BBR$/),
    ]);
    expect(causes({}, { http3Offer })).toEqual([]);
  });
  it("name no line that is quick, and none from which nothing could arrive yet", () => {
    expect(causes({}, { lines: cubic })).toEqual([]);
    expect(causes({ segmentShare: undefined }, { lines: cubic, ranSeconds: 4 })).toEqual([]);
  });
  it("name a camera that is too slow, if segments arrive quickly and stalls remain", () =>
    expect(causes({ stalls: 9 })).toEqual([expect.stringMatching(/lists new segments too late/)]));
  it("do not name the camera for segments that failed", () =>
    expect(causes({ stalls: 9, skippedSegments: 4 })).toEqual([]));
  it("name torn playlists and failed requests", () =>
    expect(causes({ tornPlaylists: 9, errors: 7, errorKinds: [{ kind: "segment: status 404", count: 7 }] })).toEqual([
      expect.stringMatching(/^9 of 400 playlists were torn/),
      "requests failed: segment: status 404 (7 times)",
    ]));
});
