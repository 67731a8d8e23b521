import { expect, it } from "vitest";
import { readVersions } from "./versions.mjs";

it("reads each package's own version from dpkg's record", () =>
  expect(
    readVersions(`Package: caddy
Status: install ok installed
Depends: libc6 (>= 2.38), passwd
Version: 2.11.4-1
Description: web server
 Version: of what is described

Package: libc6
Source: glibc
Version: 2.42-5
`),
  ).toEqual({ caddy: "2.11.4-1", libc6: "2.42-5" }));
