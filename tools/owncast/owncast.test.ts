import { describe, expect, it } from "vitest";
import { goOfModule, owncastPath, owncastVersion } from "./build.mjs";
import { edits, patch } from "./patch.mjs";

const source = `package apmodels\n\n${edits.map(({ find }) => find).join("\n// between\n")}\n// after\n`;

describe("patch", () => {
  it("replaces each passage and keeps the rest", () => {
    expect(patch(source)).toBe(`package apmodels\n\n${edits.map(({ put }) => put).join("\n// between\n")}\n// after\n`);
  });

  const [body, declaration] = edits.map(({ find }) => find);
  it.each([
    {
      claim: "the source of another Owncast",
      text: source.replace("endpoints == nil", "nil == endpoints"),
      times: 0,
      passage: body,
    },
    { claim: "a source that is already changed", text: patch(source), times: 0, passage: body },
    { claim: "a passage that occurs twice", text: source + declaration, times: 2, passage: declaration },
  ])("refuses $claim, naming the file and the passage", ({ text, times, passage = "" }) => {
    expect(() => patch(text)).toThrow(
      expect.objectContaining({ message: refusal(times, passage), remedy: expect.stringContaining("go.mod") }),
    );
  });

  const refusal = (times: number, passage: string) =>
    `Owncast's activitypub/apmodels/actor.go is not the one that tools/owncast/patch.mjs changes: it holds this passage ${times} times instead of once:\n${passage}`;
});

describe("the recipe", () => {
  const go = { program: "/usr/bin/go", version: "1.26.0", os: "linux", arch: "amd64", toolchain: "auto", caches: [] };

  it("reads its versions from go.mod", () => {
    expect({ owncastVersion, goOfModule }).toEqual({
      owncastVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      goOfModule: expect.stringMatching(/^1\.\d+\.\d+$/),
    });
  });

  it("builds to a path of its own for each Go", () => {
    expect(owncastPath("/cache", go)).toBe(owncastPath("/cache", { ...go, program: "/opt/go", toolchain: "local" }));
    const places = [go, { ...go, version: "1.26.1" }, { ...go, arch: "arm64" }].map((each) =>
      owncastPath("/cache", each),
    );
    expect(new Set(places).size).toBe(3);
  });
});
