import { describe, expect, it } from "vitest";
import { parseRtmpUrl } from "../media/rtmp/rtmp-target.ts";
import { readResolve, readSize, readWhole } from "./option-values.ts";

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

describe("a place to publish", () => {
  it.each([
    ["rtmp://127.0.0.1:1935/live", { host: "127.0.0.1", port: 1935, address: "rtmp://127.0.0.1:1935/live" }],
    ["rtmp://stage.test/live/", { host: "stage.test", port: 1935, address: "rtmp://stage.test:1935/live" }],
    ["rtmp://[::1]:1936/live", { host: "::1", port: 1936, address: "rtmp://[::1]:1936/live" }],
  ])("is read: %s", (url, expected) => expect(parseRtmpUrl(url)).toEqual(expected));

  it.each([
    "",
    "127.0.0.1:1935/live",
    "http://127.0.0.1/live",
    "rtmps://stage.test/live",
    "rtmp://stage.test",
    "rtmp://stage.test/app",
    "rtmp:///live",
  ])("is refused: %j", (url) => expect(() => parseRtmpUrl(url)).toThrow(usage("expected rtmp://host[:port]/live")));

  it.each(["live/hunter2", "live?key=hunter2", "live#hunter2", "hunter2"])(
    "that holds the key is refused without repeating it: /%s",
    (path) => {
      const attempt = () => parseRtmpUrl(`rtmp://stage.test/${path}`);
      expect(attempt).toThrow(usage("nothing after it"));
      expect(attempt).not.toThrow("hunter2");
    },
  );

  it("with a user and password is refused without repeating them", () => {
    expect(() => parseRtmpUrl("rtmp://user:hunter2@stage.test/live")).toThrow(usage("nothing after it"));
  });
});
