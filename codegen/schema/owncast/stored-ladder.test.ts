import { describe, expect, it } from "vitest";
import { faultsOf } from "../../../checks/lib/schema/load-faults.ts";
import { levels } from "./ladder.ts";
import { mostStoredRenditions } from "./stored-ladder.ts";

it("knows the most renditions of each latency level", () => {
  expect(Object.fromEntries(levels.map((level) => [level, mostStoredRenditions(level)]))).toEqual({
    ...{ lowest: 1, low: 2, medium: 3, high: 3, highest: 5 },
  });
});

const rendition = (at: number) =>
  `    - { name: R${at}, width: ${320 + 2 * at}, height: 180, framerate: 30, bitrateKbps: ${400 + at} }\n`;
const ladder = (many: number) => `\n${Array.from({ length: many }, (_, at) => rendition(at)).join("")}`;
const stage = (latency: string, written: string, isEnabled = true) =>
  `storage:\n  objectStorage: { enabled: ${isEnabled}, endpoint: "https://s3.example.com", bucket: b, region: r, accessKey: { secret: a }, secretKey: { secret: b } }\nvideo:\n${latency}  ladder: ${written}\n`;
const keeps = "because Owncast's clean-up keeps only";

describe("a stage file with object storage", () => {
  it.each([
    {
      claim: "may have as many renditions as the clean-up leaves whole",
      text: stage("  latency: medium\n", "lecture"),
      faults: [],
    },
    {
      claim: "is refused with one more, with the latency that works",
      text: stage("  latency: low\n", "lecture"),
      faults: [
        `main.yaml:5:11: video.ladder: expected at most 2 renditions with object storage and latency low, or video.latency medium, ${keeps} 35 of the 3 × 15 segments that its playlists list, got "lecture"`,
      ],
    },
    {
      claim: "is refused by Owncast's own latency if it sets none",
      text: stage("", ladder(4)),
      faults: [
        `main.yaml:5:5: video.ladder: expected at most 3 renditions with object storage and latency medium, or video.latency highest, ${keeps} 30 of the 4 × 10 segments that its playlists list`,
      ],
    },
    {
      claim: "is refused with more than any latency allows, with the most that works",
      text: stage("  latency: highest\n", ladder(6)),
      faults: [
        `main.yaml:6:5: video.ladder: expected at most 5 renditions with object storage and latency highest, ${keeps} 25 of the 6 × 5 segments that its playlists list`,
      ],
    },
    {
      claim: "is refused with more than any latency allows, with the level that allows the most",
      text: stage("  latency: low\n", ladder(6)),
      faults: [
        `main.yaml:6:5: video.ladder: expected at most 2 renditions with object storage and latency low, or 5 with video.latency highest, ${keeps} 35 of the 6 × 15 segments that its playlists list`,
      ],
    },
    {
      claim: "counts what an adjusted preset leaves",
      text: stage("  latency: low\n", "{ preset: lecture, without: [SD] }"),
      faults: [],
    },
    {
      claim: "may have any ladder while it is not enabled",
      text: stage("  latency: low\n", "lecture", false),
      faults: [],
    },
  ])("$claim", async ({ text, faults }) => expect(await faultsOf(text)).toEqual(faults));
});
