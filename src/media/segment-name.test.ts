import { expect, test } from "vitest";
import { segments } from "../../codegen/site/rules.ts";
import { isSegmentFile, readSegmentName, segmentNamePattern } from "./segment-name.ts";

test("sites serve from disk exactly the names that Lectern reads as segments", () =>
  expect(segments.at.matching).toBe(String.raw`/hls/(\d+/${segmentNamePattern})`));

test.each([
  ["stream-AC5yNTROg-17.ts", "AC5yNTROg", 17],
  ["../1/stream-a-b_c-0.ts", "a-b_c", 0],
  ["https://live.test/hls/0/stream-x-3.ts", "x", 3],
])("%s is a segment", (address, session, number) => {
  expect(readSegmentName(address)).toEqual({ session, number });
  const name = address.split("/").at(-1) ?? "";
  expect(name).toMatch(new RegExp(`^${segmentNamePattern}$`));
  expect(isSegmentFile(name)).toBe(true);
});

test.each(["stream-offline-0.ts", "offline-v2.ts"])(
  "%s is a file beside the playlist, but not a publisher's segment",
  (name) => {
    expect(readSegmentName(name)).toBeUndefined();
    expect(isSegmentFile(name)).toBe(true);
  },
);

test.each(["../stream-x-0.ts", "/etc/x.ts", "", "..", ".ts", "a b.ts", `${"x".repeat(252)}.ts`, "stream-x-0.ts\n"])(
  "%j is not a file beside the playlist",
  (line) => expect(isSegmentFile(line)).toBe(false),
);
