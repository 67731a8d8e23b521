import { describe, expect, it } from "vitest";
import { parseRtmpUrl } from "./rtmp-target.ts";

const usage = (says: string) => expect.objectContaining({ exitCode: 64, message: expect.stringContaining(says) });

describe("an address to publish to", () => {
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
