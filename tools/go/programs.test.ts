import { describe, expect, it } from "vitest";
import { goOfModule } from "../owncast/build.mjs";
import { goOf, goProgramNames, goProgramPath } from "./programs.mjs";

const go = { program: "/usr/bin/go", version: "1.26.0", os: "linux", arch: "amd64", toolchain: "auto", caches: [] };

it.each(goProgramNames)("the recipe of %s requires the same Go as Owncast", (name) =>
  expect(goOf(name)).toBe(goOfModule),
);

describe.each(goProgramNames)("the recipe of %s", (name) => {
  it("builds to a path of its own for each Go", () => {
    const at = (which: typeof go) => goProgramPath("/cache", name, which);
    expect(at(go)).toBe(at({ ...go, program: "/opt/go", toolchain: "local" }));
    expect(new Set([at(go), at({ ...go, version: "1.26.1" }), at({ ...go, arch: "arm64" })]).size).toBe(3);
  });
});
