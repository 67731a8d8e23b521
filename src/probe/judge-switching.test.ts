import { expect, it } from "vitest";
import { Notes } from "./checks.ts";
import { judgeSwitching } from "./judge-switching.ts";

const rendition = (name: string, segmentSeconds?: number) => ({
  ...{ name, width: 640, height: 360 },
  ...(segmentSeconds !== undefined && { segmentSeconds }),
});

function judge(...renditions: ReturnType<typeof rendition>[]) {
  const notes = new Notes();
  judgeSwitching(renditions, { hasPassthrough: true, segmentSeconds: 2 }, notes);
  return notes.results()[0];
}

it("renditions whose segments are of one length can be changed between", () =>
  expect(judge(rendition("SD", 2), rendition("Source", 2))).toMatchObject({ check: "switching", outcome: "passed" }));

it("renditions with other lengths stop the player, and the keyframe interval mends it", () => {
  const fault = judge(rendition("SD", 2), rendition("Source", 8));
  expect(fault).toMatchObject({ outcome: "failed", detail: expect.stringContaining("(SD 2 s, Source 8 s)") });
  expect(fault?.remedy).toContain("keyframe interval to 2 s");
});

it.each([
  ["a single one", [rendition("SD", 2)]],
  ["one without a playlist", [rendition("SD", 2), rendition("HD")]],
])("%s is compared with nothing", (_, renditions) => expect(judge(...renditions)?.outcome).toBe("not-checked"));
