import { describe, expect, it } from "vitest";
import { fakeMachine } from "../../checks/lib/process/fake-machine.ts";
import { findMirror, mirrorsFor } from "./mirror.mjs";

const printed = `'https://one.test/ubuntu/dists/noble/InRelease' one.test_InRelease 0 
'http://two.test/debian/dists/bookworm/InRelease' two.test_InRelease 0 
'http://two.test/debian/dists/bookworm-updates/InRelease' two.test_InRelease 0 
'http://two.test/debian/dists/bookworm/main/binary-amd64/Packages.xz' two.test_Packages 0 
'cdrom:[Debian]/dists/bookworm/InRelease' cdrom 0 
'file:/srv/mirror/dists/trixie/InRelease' local 0 
`;

describe("the mirror", () => {
  it("of the suite comes first, then the machine's other mirrors, each once", () =>
    expect(mirrorsFor(printed, "bookworm")).toEqual(["http://two.test/debian", "https://one.test/ubuntu"]));

  it("of the machine is tried even for a suite that it does not list", () =>
    expect(mirrorsFor(printed, "trixie")).toEqual(["https://one.test/ubuntu", "http://two.test/debian"]));

  it("is the first that serves the suite", () => {
    const output = (program: string, args: readonly string[]) =>
      program === "apt-get" ? printed : args.some((arg) => arg.startsWith("http://two.test")) ? "" : undefined;
    expect(findMirror(fakeMachine([], { output }), "trixie")).toBe("http://two.test/debian");
  });

  it("is undefined if none serves the suite or apt is missing", () => {
    const output = (program: string) => (program === "apt-get" ? printed : undefined);
    expect(findMirror(fakeMachine([], { output }), "trixie")).toBeUndefined();
    expect(findMirror(fakeMachine([], { output: () => undefined }), "trixie")).toBeUndefined();
  });
});
