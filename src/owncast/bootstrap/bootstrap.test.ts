import { describe, expect, it } from "vitest";
import { ensurePrivateNetwork } from "./bootstrap.ts";

const table = (...names: string[]) =>
  `Inter-|   Receive\n face |bytes\n${names.map((name) => `${name.padStart(6)}: 0 0\n`).join("")}`;

describe("bootstrap", () => {
  it("goes on where there is only loopback, and the tunnels that the kernel puts everywhere", () => {
    expect(() => ensurePrivateNetwork(table("lo", "tunl0", "ip6tnl0"))).not.toThrow();
  });

  it("refuses any other device by its name, with the way to run it", () => {
    expect(() => ensurePrivateNetwork(table("lo", "enp1s0", "wlan0"))).toThrow(/enp1s0, wlan0/);
    expect(() => ensurePrivateNetwork(table("lo", "tunl0x"))).toThrow(/tunl0x/);
  });
});
