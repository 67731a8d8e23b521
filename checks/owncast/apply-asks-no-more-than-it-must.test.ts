import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configFields } from "../../codegen/schema/owncast/owncast.ts";
import { expandStage, Stage } from "../../codegen/schema/stage/stage.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { apply, plan } from "../../src/owncast/apply/apply.ts";
import { encodeSetting } from "../../src/owncast/apply/diff.ts";
import { isExhaustive, sample } from "../lib/exhaustive.ts";
import { everyExample } from "../lib/owncast/everything.ts";
import { otherValues } from "../lib/owncast/other-values.ts";
import { type PlainOwncast, startSettingsOwncast } from "../lib/owncast/plain-owncast.ts";
import { type FaultyProxy, startFaultyProxy } from "../lib/site/faulty-proxy.ts";

const reveal = (name: string) => `https://secret.example/${name}`;
const authorization = `Basic ${Buffer.from(`admin:${reveal("admin-password")}`).toString("base64")}`;
const read = "GET /api/admin/serverconfig";

let owncast: PlainOwncast;
let proxy: FaultyProxy;
beforeAll(async () => {
  owncast = await startSettingsOwncast(reveal("admin-password"));
  proxy = await startFaultyProxy(owncast.url);
});
afterAll(async () => {
  proxy?.stop();
  await owncast?.stop();
});

const target = (seed: Seed) => ({ seed, reveal, url: proxy.url, deadlineSeconds: 60 });
const changesOf = async (seed: Seed): Promise<string[]> => (await plan(target(seed))).changes.map(({ path }) => path);

const readable = configFields.filter(({ meta }) => meta.read !== null);
const valueAt = (seed: Seed, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], seed);

/** A seed with all settings, each with its documented example. */
function everySetting(): Seed {
  const kept = new Set(configFields.map(({ path }) => path));
  const areas = Object.entries(everyExample()).map(([area, keys]): [string, object] => [
    area,
    Object.fromEntries(Object.entries(keys).filter(([key]) => kept.has(`${area}.${key}`))),
  ]);
  return { ...expandStage(Stage.parse(Object.fromEntries(areas))), serverUrl: "https://live.example.org" };
}

describe("with every setting declared", () => {
  const seed = everySetting();
  beforeAll(async () => {
    await apply(target(seed));
  });

  test("in sync it sends one request", async () => {
    proxy.requests.length = 0;
    expect((await apply(target(seed))).changes).toEqual([]);
    expect(proxy.requests).toEqual([read]);
  });

  /** Gives a setting another value that the server accepts. */
  async function drift({ path, meta }: (typeof readable)[number]): Promise<void> {
    for (const { value } of otherValues(encodeSetting(meta, valueAt(seed, path), reveal))) {
      const body = JSON.stringify({ value });
      const address = `${owncast.url}/api/admin/config/${meta.write}`;
      const { ok } = await fetch(address, { method: "POST", body, headers: { authorization } });
      if (ok && (await changesOf(seed)).includes(path)) return;
    }
    throw new Error(`${path}: the server takes no other value`);
  }

  test.each(isExhaustive ? [1, 5, readable.length] : [1, 5])(
    "%i changed settings cost as many writes and two reads",
    async (count) => {
      const drifted = readable.slice(0, count);
      for (const field of drifted) await drift(field);
      proxy.requests.length = 0;
      const { changes } = await apply(target(seed));
      expect(changes.map(({ path }) => path)).toEqual(drifted.map(({ path }) => path));
      const writes = drifted.map(({ meta }) => `POST /api/admin/config/${meta.write}`);
      expect(proxy.requests.at(0)).toBe(read);
      // Apply sends two writes at a time.
      expect(proxy.requests.slice(1, -1).toSorted()).toEqual(writes.toSorted());
      expect(proxy.requests.at(-1)).toBe(read);
    },
  );
});

describe("a value that Owncast normalises is no drift afterwards", () => {
  const rendition = { name: "HD", width: 1280, height: 720, framerate: 30, bitrateKbps: 1600 };
  const bucket = { endpoint: "https://s3.example.com", bucket: "b", region: "r" };
  const keys = { accessKey: { secret: "s3-access-key" }, secretKey: { secret: "s3-secret-key" } };
  const channel = { enabled: true, webhook: { secret: "discord-webhook" } };
  const values: [what: string, stage: object][] = [
    ["texts that are emptied", { instance: { summary: "", pageText: "", offlineMessage: "" } }],
    [
      "the chat's texts and lists that are emptied",
      { chat: { welcomeMessage: "", suggestedNames: [], socketHost: "" } },
    ],
    ["lists that are emptied", { instance: { tags: [], socialHandles: [] }, federation: { blockedDomains: [] } }],
    ["looks that are emptied", { appearance: { variables: {}, styles: "", javascript: "", externalActions: [] } }],
    ["messages that are emptied", { federation: { goLiveMessage: "" }, storage: { servingEndpoint: "" } }],
    [
      "what is switched off",
      {
        storage: { objectStorage: { enabled: false } },
        notifications: { discord: { enabled: false }, browser: { enabled: false } },
      },
    ],
    [
      "spaces, lines and signs in texts",
      {
        instance: { name: " Ä & 'ß' 🎥 ", summary: " two \n lines ", pageText: "\n <b>x</b> \n" },
        federation: { goLiveMessage: " on air\n" },
      },
    ],
    ["a rendition that is passed through", { video: { ladder: [{ name: "Source", passthrough: true }] } }],
    ["a rendition with sound of its own", { video: { ladder: [{ ...rendition, audioBitrateKbps: 128 }] } }],
    ["one whose sound is passed through", { video: { ladder: [rendition], latency: "highest" } }],
    [
      "a button with nothing but its title and page",
      { appearance: { externalActions: [{ title: "Ask", url: "https://pad.example.org" }] } },
    ],
    ["object storage with what it needs", { storage: { objectStorage: { enabled: true, ...bucket, ...keys } } }],
    ["a channel without a message", { notifications: { discord: channel, browser: { enabled: true } } }],
    [
      "a stream key without a comment",
      { access: { streamKeys: [{ secret: "key-a" }, { secret: "key-b", comment: "b" }] } },
    ],
  ];
  test.each(sample("values that Owncast changes", values, 6))("%s", async (_, stage) => {
    const seed = expandStage(Stage.parse(stage));
    await apply(target(seed));
    expect(await changesOf(seed)).toEqual([]);
  });
});
