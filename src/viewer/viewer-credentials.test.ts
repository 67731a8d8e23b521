import { describe, expect, it } from "vitest";
import { makeViewerCredentials } from "./viewer-credentials.ts";

const stage = "https://live.test";
const password = { authorization: "Basic dmlld2VyOmdsw6RzZXJu" };
const given = "__Host-lectern-viewer=abc; Path=/; Secure";

describe("a private stage's viewer", () => {
  it("sends the password in UTF-8, and the cookie once there is one", () => {
    const credentials = makeViewerCredentials(stage, "gläsern");
    expect(credentials.headersFor(`${stage}/hls/stream.m3u8`)).toEqual(password);
    credentials.learn(`${stage}/`, { "set-cookie": ["theme=dark", given] });
    expect(credentials.headersFor(`${stage}/`)).toEqual({ cookie: "__Host-lectern-viewer=abc" });
  });

  it.each(["http://live.test/", "https://live.test:8443/", "https://other.test/", "https://live.test.other.test/"])(
    "sends nothing to %s, and accepts no cookie from it",
    (elsewhere) => {
      const credentials = makeViewerCredentials(stage, "gläsern");
      expect(credentials.headersFor(elsewhere)).toEqual({});
      credentials.learn(elsewhere, { "set-cookie": [given] });
      expect(credentials.headersFor(stage)).toEqual(password);
    },
  );

  it("keeps sending the password if a proxy sets other cookies", () => {
    const credentials = makeViewerCredentials(stage, "gläsern");
    credentials.learn(stage, { "set-cookie": ["session=1; Path=/"] });
    expect(credentials.headersFor(stage)).toEqual(password);
  });
});
