import { describe, expect, it } from "vitest";
import { addressBits, NetworkMap } from "./networks.ts";

const map = new NetworkMap([
  { name: "campus", networks: ["192.0.2.0/24", "2001:db8::/32"] },
  { name: "library", networks: ["192.0.2.128/25", "192.0.2.7"] },
  { name: "all", networks: ["0.0.0.0/0"] },
]);

describe("the map of networks", () => {
  it.each([
    ["192.0.2.7", [["library"], ["campus"], ["all"]]],
    ["192.0.2.8", [["campus"], ["all"]]],
    ["192.0.2.200", [["library"], ["campus"], ["all"]]],
    ["::ffff:192.0.2.8", [["campus"], ["all"]]],
    ["2001:db8:1::5", [["campus"]]],
    ["2001:db9::5", []],
    ["", []],
    ["192.0.2.8, 1.1.1.1", []],
    ["fe80::1%eth0", []],
    ["x".repeat(10_000), []],
  ])("of %s", (address, nearest) => expect(map.nearest(address)).toEqual(nearest));

  it.each(["192.0.2.0/33", "2001:db8::/129", "192.0.2.0/24/1", "192.0.2.0/", "example.org", "/8", ""])(
    "refuses %s, which is no network",
    (network) => expect(() => new NetworkMap([{ name: "a", networks: [network] }])).toThrow("is not a network"),
  );
});

it("reads all forms of an IPv6 address alike", () => {
  const forms = ["2001:db8:0:0:0:0:c000:0201", "2001:db8::c000:201", "2001:DB8::192.0.2.1"];
  expect(new Set(forms.map(addressBits)).size).toBe(1);
  expect(addressBits("::")).toBe(`6${"0".repeat(128)}`);
});
