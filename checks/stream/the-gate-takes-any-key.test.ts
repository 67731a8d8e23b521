import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { sample } from "../lib/exhaustive.ts";
import { output } from "../lib/process/output.ts";
import { rawCamera, wire } from "../lib/stream/camera-wire.ts";
import { type GatedOwncast, startGatedOwncast } from "../lib/stream/gated-owncast.ts";
import { untilFree } from "../lib/stream/owncast-state.ts";

const hard = "a/b ?x=1&y=%41#ä+%25";
const keys = {
  query: "key?user=x",
  percent: "100%",
  fragment: "key#1",
  ampersand: "a&b",
  slash: "a/b",
  blank: "two words",
  umlaut: "schlüssel",
  emoji: "🎥 key",
  plain: "plain-key",
  all: hard,
};
let stand: GatedOwncast;
beforeAll(async () => {
  stand = await startGatedOwncast(keys);
});
afterAll(() => stand?.stop());

/** The gate's response to a camera that publishes under this name. */
async function answerTo(port: number, name: string): Promise<string | undefined> {
  await untilFree(stand.owncast.url);
  const camera = await rawCamera(port);
  camera.send(wire.greeting(name));
  const told = () => camera.statuses().find(({ code }) => code.startsWith("NetStream"))?.code;
  for (let looks = 0; told() === undefined && !camera.socket.destroyed && looks < 200; looks++) await sleep(50);
  camera.close();
  await sleep(300);
  return told();
}

describe("the gate", () => {
  it.each(sample("stream keys with special signs", Object.entries(keys), 3))(
    "brings a camera whose key has this to Owncast: %s",
    async (_, key) => {
      await expect(answerTo(Number(stand.rtmp.port), key)).resolves.toBe("NetStream.Publish.Start");
    },
  );

  const addresses = [
    { what: "the key in the address", url: (address: string) => `${address}/plain-key` },
    { what: "a key with a slash, which ffmpeg cuts", url: (address: string) => `${address}/a/b` },
    { what: "a slash behind the application", url: (address: string) => `${address}/`, playpath: "plain-key" },
    { what: "an encoded key", url: (address: string) => `${address}/two%20words` },
    { what: "parameters behind the key", url: (address: string) => `${address}/plain-key?camera=1` },
  ];
  it.each(sample("ways in which ffmpeg names a stream key", addresses, 2))(
    "takes ffmpeg with $what",
    async ({ url, playpath }) => {
      const source = ["-re", "-f", "lavfi", "-i", "testsrc=size=128x72:rate=10", "-f", "lavfi", "-i", "sine"];
      const coding = ["-t", "1", "-c:v", "libx264", "-c:a", "aac", "-f", "flv"];
      const name = playpath === undefined ? [] : ["-rtmp_playpath", playpath];
      const ffmpeg = [
        findProgram("ffmpeg"),
        "-loglevel",
        "error",
        ...source,
        ...coding,
        ...name,
        url(stand.rtmp.address),
      ];
      const before = stand.lines.length;
      expect(await output(ffmpeg)).toMatchObject({ code: 0, stderr: "" });
      expect(stand.lines.slice(before).join()).toContain("is on air");
    },
  );

  it("sends ffmpeg the reason for a refusal", async () => {
    const source = ["-f", "lavfi", "-i", "testsrc=size=128x72:rate=10", "-t", "1", "-c:v", "libx264", "-f", "flv"];
    const { stderr } = await output([findProgram("ffmpeg"), ...source, `${stand.rtmp.address}/wrong`]);
    expect(stderr).toContain("the stream key is wrong");
  });
});

describe("Owncast without the gate", () => {
  it.each(sample("keys that Owncast alone refuses", ["all", "percent", "query"] as const, 1))(
    "does not know a camera whose key has this: %s",
    async (what) => {
      await expect(answerTo(Number(stand.owncast.rtmp.port), keys[what])).resolves.not.toBe("NetStream.Publish.Start");
    },
  );
});
