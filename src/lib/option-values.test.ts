import { describe, expect, it } from "vitest";
import { readResolve, readSeconds, readSize, readWhole } from "./option-values.ts";

const usage = (says: string) => expect.objectContaining({ exitCode: 64, message: expect.stringContaining(says) });

describe("a number", () => {
  const bounds = { min: 5, max: 60, unit: "pictures per second" };
  it("is read within its bounds", () => expect(readWhole("--fps", "30", bounds)).toBe(30));
  it.each(["", "4", "61", "30.5", "-30", "1e1", "fast"])("is refused: %j", (text) =>
    expect(() => readWhole("--fps", text, bounds)).toThrow(usage("whole number of pictures per second from 5 to 60")),
  );
});

describe("a size", () => {
  it("is read", () => expect(readSize("--size", "1280x720")).toEqual({ width: 1280, height: 720 }));
  it.each(["", "1280", "1280X720", "1281x720", "1280x719", "100x100", "9999x9998", "1280x720x3"])(
    "is refused: %j",
    (text) => expect(() => readSize("--size", text)).toThrow(usage("even numbers")),
  );
});

describe("a mapped address", () => {
  it.each([
    ["stage.test:443:127.0.0.1", { host: "stage.test", port: 443, address: "127.0.0.1" }],
    ["stage.test:443:[::1]", { host: "stage.test", port: 443, address: "::1" }],
    ["stage.test:443:::1", { host: "stage.test", port: 443, address: "::1" }],
  ])("is read: %s", (text, expected) => expect(readResolve(text)).toEqual(expected));
  it.each(["", "stage.test", "stage.test:443", "stage.test:0:127.0.0.1", "stage.test:99999:127.0.0.1", ":443:::1"])(
    "is refused: %j",
    (text) => expect(() => readResolve(text)).toThrow(usage("host:port:address")),
  );
});

describe("a length of time", () => {
  it("may have a fraction", () => expect(readSeconds("--duration", "2.5", 60)).toBe(2.5));
  it("may be at most a week if no other limit is given", () =>
    expect(readSeconds("--deadline", "604800")).toBe(604_800));
  it.each(["", "0", "-1", "61", "1m", "Infinity"])("is refused: %j", (text) =>
    expect(() => readSeconds("--duration", text, 60)).toThrow(
      expect.objectContaining({ exitCode: 64, message: expect.stringContaining("seconds above 0 and up to 60") }),
    ),
  );
});
