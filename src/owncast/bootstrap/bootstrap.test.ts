import { describe, expect, it } from "vitest";
import { ensurePrivateNetwork } from "./bootstrap.ts";

const table = (...names: string[]) =>
  `Inter-|   Receive\n face |bytes\n${names.map((name) => `${name.padStart(6)}: 0 0\n`).join("")}`;

describe("bootstrap", () => {
  it("runs if the network has only loopback and the kernel's own tunnels", () => {
    expect(() => ensurePrivateNetwork(table("lo", "tunl0", "ip6tnl0"))).not.toThrow();
  });

  it("refuses to run beside any other network device; the error names the device and the remedy", () => {
    expect(() => ensurePrivateNetwork(table("lo", "enp1s0", "wlan0"))).toThrow(/enp1s0, wlan0/);
    expect(() => ensurePrivateNetwork(table("lo", "tunl0x"))).toThrow(/tunl0x/);
  });
});
