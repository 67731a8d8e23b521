import { describe, expect, it } from "vitest";
import type { Seed } from "../../../generated/seed.d.ts";
import { withServerUrl } from "./read-seed.ts";

const seed: Seed = { access: { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "key" }] } };
const found: Seed = { ...seed, instance: { directory: true }, federation: { enabled: true } };

describe("the stage's public address", () => {
  it("is not asked for by a stage that does not want to be found", () => {
    expect(withServerUrl({ ...seed, federation: { enabled: false } }, undefined)).not.toHaveProperty("serverUrl");
  });

  it("is needed for directory and federation, by name", () => {
    expect(() => withServerUrl(found, undefined)).toThrow("instance.directory and federation.enabled needs");
  });

  it("comes from the command line, else from the seed", () => {
    expect(withServerUrl(found, "https://live.example.org").serverUrl).toBe("https://live.example.org");
    const own = { ...found, serverUrl: "https://own.example.org" };
    expect(withServerUrl(own, undefined).serverUrl).toBe("https://own.example.org");
    expect(withServerUrl(own, "https://live.example.org").serverUrl).toBe("https://live.example.org");
  });

  it.each(["live.example.org", "https://live.example.org/", "https://a b"])("refuses %s", (given) => {
    expect(() => withServerUrl(seed, given)).toThrow(`--server-url ${given}: expected an address`);
  });
});
