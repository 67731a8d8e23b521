import { describe, expect, it } from "vitest";
import { findGo, isOlder, whyNotThisGo } from "./go.mjs";

const program = "/usr/bin/go";
const go = (version: string, toolchain = "auto") => ({
  program,
  version,
  os: "linux",
  arch: "amd64",
  toolchain,
  caches: [],
});

describe("findGo", () => {
  it.each([
    ["go1.26.8", "1.26.8"],
    ["go1.25rc1", "1.25rc1"],
    ["go1.24.4 X:nocoverageredesign", "1.24.4"],
    ["devel go1.27-a1b2c3d Thu Jan 1", "1.27"],
  ])("reads %s as %s", (printed, version) => {
    const output = () => `${printed}\nlinux\namd64\nlocal\n/mod\n/build`;
    expect(findGo({ find: (name) => (name === "go" ? program : undefined), output })).toEqual({
      ...go(version, "local"),
      caches: ["/mod", "/build"],
    });
  });

  it("looks in the folder of Go's own archive if PATH has none", () => {
    const find = (name: string) => (name === "/usr/local/go/bin/go" ? name : undefined);
    expect(findGo({ find, output: () => "go1.26.0\nlinux\namd64\nauto" })?.program).toBe("/usr/local/go/bin/go");
  });

  it("ignores a Go that does not run", () => {
    expect(findGo({ find: () => program, output: () => undefined })).toBeUndefined();
  });
});

describe("whyNotThisGo", () => {
  it.each([
    { claim: "accepts the required version", have: go("1.25.0"), why: undefined },
    { claim: "accepts a later Go that must not fetch another", have: go("1.26.8", "local"), why: undefined },
    { claim: "accepts an older Go that may fetch the required version", have: go("1.24.6"), why: undefined },
    { claim: "accepts a Go whose toolchain setting is a minimum", have: go("1.24.6", "go1.24.6+auto"), why: undefined },
    { claim: "accepts a Go that looks for others in PATH", have: go("1.24.6", "path"), why: undefined },
    {
      claim: "refuses an older Go if GOTOOLCHAIN names its version",
      have: go("1.24.6", "go1.24.6"),
      why: /GOTOOLCHAIN=go/,
    },
    {
      claim: "refuses an older Go that must not fetch another",
      have: go("1.24.6", "local"),
      why: /GOTOOLCHAIN=local/,
    },
    { claim: "refuses a Go older than 1.24", have: go("1.23.9"), why: /is Go 1\.23\.9; .* 1\.24 or later/ },
    { claim: "says that there is none", have: undefined, why: /Go was not found/ },
  ])("$claim", ({ have, why }) => {
    const answer = whyNotThisGo(have, "1.25.0");
    if (why) expect(answer).toMatch(why);
    else expect(answer).toBeUndefined();
  });
});

it.each([
  ["1.9", "1.24", true],
  ["1.24", "1.24", false],
  ["1.25rc1", "1.25.0", false],
  ["1.24.6", "1.25.0", true],
  ["2.0", "1.24", false],
  ["2.3.16", "2.8", true],
])("isOlder(%s, %s) is %s", (version, than, older) => expect(isOlder(version, than)).toBe(older));
