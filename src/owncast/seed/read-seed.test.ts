import { describe, expect, it } from "vitest";
import type { Seed } from "../../../generated/seed.d.ts";
import { withServerUrl } from "./read-seed.ts";

const seed: Seed = { access: { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "key" }] } };
const found: Seed = { ...seed, instance: { directory: true }, federation: { enabled: true } };

describe("the stage's public address", () => {
  it("is not needed without directory and federation", () => {
    expect(withServerUrl({ ...seed, federation: { enabled: false } }, undefined)).not.toHaveProperty("serverUrl");
  });

  it("is needed for directory and federation, and the error names them", () => {
    expect(() => withServerUrl(found, undefined)).toThrow("instance.directory and federation.enabled needs");
  });

  it("is taken from the command line, else from the seed", () => {
    expect(withServerUrl(found, "https://live.example.org").serverUrl).toBe("https://live.example.org");
    const own = { ...found, serverUrl: "https://own.example.org" };
    expect(withServerUrl(own, undefined).serverUrl).toBe("https://own.example.org");
    expect(withServerUrl(own, "https://live.example.org").serverUrl).toBe("https://live.example.org");
  });

  it.each(["live.example.org", "https://live.example.org/", "https://a b"])("may not be %s", (given) => {
    expect(() => withServerUrl(seed, given)).toThrow(`--server-url ${given}: expected an address`);
  });
});
