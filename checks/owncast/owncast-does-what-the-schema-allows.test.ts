import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Publisher, startPublisher } from "../../src/publish/publisher.ts";
import { startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { type Reconciled, startReconciled } from "../lib/owncast/reconciled.ts";
import { png } from "../lib/schema/tiny-pictures.ts";

const portrait = { width: 180, height: 320, fps: 15, bitrateKbps: 400 };
const rendition = { framerate: 15, bitrateKbps: 500, cpuUsage: "lowest" };
const names = ["cat_jam", "PogChamp", "8-ball_"];
const stage = {
  instance: {
    pageText: "",
    socialHandles: [
      { platform: "xmpp", url: "xmpp:team@example.org" },
      { platform: "Our choir's place", url: "mailto:choir@example.org" },
    ],
  },
  video: {
    latency: "lowest",
    ladder: [
      { name: "160 high", height: 160, ...rendition },
      { name: "90 wide", width: 90, ...rendition },
      { name: "As it comes", ...rendition },
    ],
  },
  chat: { emoji: { list: names.map((name) => ({ name, file: `main/${name}.png` })) } },
  storage: { servingEndpoint: "https://cdn.example.com/stage" },
  integrations: { accessTokens: { list: [{ name: "scoreboard", scopes: ["send-messages"] }] } },
};

let stand: Reconciled;
let camera: Publisher;
beforeAll(async () => {
  stand = await startReconciled(startPlainOwncast);
  mkdirSync(join(stand.folder, "main"));
  for (const name of names) writeFileSync(join(stand.folder, `main/${name}.png`), png(name));
  const applied = await stand.lectern("apply", stage, "--state-dir", join(stand.folder, "state"));
  expect(applied).toMatchObject({ code: 0 });
  camera = startPublisher({ target: stand.owncast.rtmp, streamKey: "the-key-of-this-test", ...portrait });
  await camera.started;
});
afterAll(async () => {
  camera?.stop();
  await stand?.stop();
});

const planned = () => stand.lectern("plan", stage, "--state-dir", join(stand.folder, "state"));

test("all settings read back unchanged", async () => {
  expect(await planned()).toMatchObject({ code: 0, output: expect.stringMatching(/^no changes\n/) });
});

test("the page has links of custom kinds and custom names", async () => {
  const { socialHandles } = JSON.parse((await stand.shown("/api/config")).toString()) as { socialHandles: unknown };
  const [xmpp, choir] = stage.instance.socialHandles;
  expect(socialHandles).toEqual([{ ...xmpp, icon: "/img/platformlogos/xmpp.svg" }, choir]);
});

describe("the chat", () => {
  let said = 0;
  /** The part of a message that viewers' pages show. */
  const rendered = async (text: string): Promise<string> => {
    said++;
    const body = `message ${said}. ${text}`;
    const [token] = (await stand.admin("accesstokens")) as { accessToken: string }[];
    const headers = { authorization: `Bearer ${token?.accessToken}` };
    const address = `${stand.owncast.url}/api/integrations/chat/send`;
    expect((await fetch(address, { method: "POST", headers, body: JSON.stringify({ body }) })).status).toBe(200);
    const messages = (await stand.admin("chat/messages")) as { body: string }[];
    return messages.map((message) => message.body).find((shown) => shown.includes(`message ${said}.`)) ?? "";
  };

  test.each(names)("shows the picture of :%s:, whatever its capitals", async (name) => {
    for (const written of [name, name.toLowerCase(), name.toUpperCase()])
      expect(await rendered(`:${written}:`)).toContain(`/img/emoji/${name}.png`);
  });
});

describe("the stream of a portrait camera", () => {
  let master = "";
  beforeAll(async () => {
    for (let tries = 0; !master.includes("#EXT-X-STREAM-INF") && tries < 200; tries++) {
      await sleep(200);
      master = (await stand.shown("/hls/stream.m3u8")).toString();
    }
  });

  test("keeps the camera's proportions if a rendition names one side, and its size if it names none", () => {
    expect(master.match(/RESOLUTION=\d+x\d+/g)).toEqual([
      "RESOLUTION=90x160",
      "RESOLUTION=90x160",
      "RESOLUTION=180x320",
    ]);
  });

  test("is below the declared address for players, with its path and single slashes", () => {
    const addresses = master.split("\n").filter((line) => line.startsWith("https:"));
    expect(addresses).toEqual([0, 1, 2].map((index) => `https://cdn.example.com/stage/hls/${index}/stream.m3u8`));
  });
});
