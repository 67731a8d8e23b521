import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { addressOf, networkOf, plainAddress, WrongKeys } from "./strangers.ts";

describe("an address", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ])("%s counts as %s", (address, network) => expect(networkOf(address)).toBe(network));

  it("is shown in its usual form", () => expect(plainAddress("::ffff:192.0.2.1")).toBe("192.0.2.1"));
});

describe("a request's address", () => {
  const request = (forwarded: string | string[] | undefined, remoteAddress = "192.0.2.9") =>
    ({ headers: { "x-forwarded-for": forwarded }, socket: { remoteAddress } }) as unknown as IncomingMessage;

  it.each([
    ["the one that the front names", request("2001:db8::1"), "2001:db8::1"],
    ["the first of several", request("192.0.2.1, 192.0.2.2"), "192.0.2.1"],
    ["the connection's without a front", request(undefined), "192.0.2.9"],
    ["none for a text that is no address", request("x".repeat(8000)), ""],
    ["none for a local socket without a front", request(undefined, ""), ""],
  ])("is %s", (_, from, address) => expect(addressOf(from)).toBe(address));
});

describe("wrong keys", () => {
  it("are refused with longer and longer delays, separately for each address", () => {
    let now = 0;
    const keys = new WrongKeys(() => now);
    const delays = Array.from({ length: 8 }, () => {
      const delay = keys.count("192.0.2.1") ?? Number.NaN;
      now += delay;
      return delay;
    });
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
    expect(keys.count("192.0.2.2")).toBe(250);
  });

  it("are not answered faster over many connections or from many addresses of an IPv6 network", () => {
    const keys = new WrongKeys(() => 0);
    const delays = Array.from({ length: 12 }, (_, index) => keys.count(`2001:db8::${index}`));
    expect(delays.slice(0, 7)).toEqual([250, 750, 1750, 3750, 7750, 12_750, undefined]);
    expect(delays.filter((delay) => delay !== undefined)).toHaveLength(6);
  });

  it("are forgotten after a while, and are counted for a limited number of addresses", () => {
    let now = 0;
    const keys = new WrongKeys(() => now);
    expect(keys.count("192.0.2.1")).toBe(250);
    now += 60_000;
    expect(keys.count("192.0.2.1")).toBe(500);
    now += 11 * 60_000;
    expect(keys.count("192.0.2.1")).toBe(250);
    for (let index = 0; index < 4096; index++) keys.count(`10.0.${index >> 8}.${index & 255}`);
    expect(keys.count("192.0.2.1")).toBe(250);
    expect(keys.count("10.0.15.255")).toBe(750);
  });
});
