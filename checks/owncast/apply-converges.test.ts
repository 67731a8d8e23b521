import { afterAll, beforeAll, expect, test } from "vitest";
import { apply, plan } from "../../src/owncast/apply/apply.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { type CountingProxy, startCountingProxy } from "../lib/site/counting-proxy.ts";

let stand: Stand;
let counter: CountingProxy;
beforeAll(async () => {
  stand = await startStand("hosts/live/stages/main.yaml");
  counter = await startCountingProxy(stand.owncastUrl);
});
afterAll(async () => {
  counter?.stop();
  await stand?.stop();
});

const target = () => ({ seed: stand.seed, reveal: stand.reveal, url: counter.url, deadlineSeconds: 10 });

async function serverConfig(): Promise<Record<string, unknown>> {
  const authorization = `Basic ${Buffer.from(`admin:${stand.reveal("admin-password")}`).toString("base64")}`;
  const response = await fetch(`${stand.owncastUrl}/api/admin/serverconfig`, { headers: { authorization } });
  return (await response.json()) as Record<string, unknown>;
}

async function drift(endpoint: string, value: unknown): Promise<void> {
  const authorization = `Basic ${Buffer.from(`admin:${stand.reveal("admin-password")}`).toString("base64")}`;
  const response = await fetch(`${stand.owncastUrl}/api/admin/config/${endpoint}`, {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify({ value }),
  });
  expect(response.status).toBe(200);
}

test("the seed's settings read back from the running server", async () => {
  expect(await serverConfig()).toMatchObject({
    instanceDetails: {
      name: "Public Lecture Series",
      tags: ["nix", "nixos", "lecture"],
      socialHandles: [
        { platform: "github", url: "https://github.com/NixOS" },
        { platform: "mastodon", url: "https://chaos.social/@nixos_org" },
      ],
      extraPageContent: stand.seed.instance?.pageText,
      summary: stand.seed.instance?.summary,
    },
    chatDisabled: false,
    videoSettings: {
      latencyLevel: 1,
      videoQualityVariants: [
        { name: "SD", videoBitrate: 1000, scaledWidth: 854, scaledHeight: 480, framerate: 30 },
        { name: "HD", videoBitrate: 1600, scaledWidth: 1280, scaledHeight: 720, framerate: 30 },
        { name: "FHD", videoBitrate: 3200, scaledWidth: 1920, scaledHeight: 1080, framerate: 30 },
      ],
    },
    streamKeys: [{ key: stand.reveal("stream-key-moderator"), comment: "moderator" }],
  });
});

test("a second apply writes nothing and costs one read", async () => {
  counter.requests.length = 0;
  expect(await apply(target())).toMatchObject({ changes: [], passwordChange: false, resources: [] });
  expect(counter.requests).toEqual(["GET /api/admin/serverconfig"]);
});

test("what was changed by hand is named, and alone written back", async () => {
  await drift("name", "Clicked");
  await drift("video/streamlatencylevel", 4);
  expect((await plan(target())).changes.map(({ path }) => path)).toEqual(["instance.name", "video.latency"]);
  counter.requests.length = 0;
  await apply(target());
  const read = "GET /api/admin/serverconfig";
  // The two writes are on the way at once.
  const writes = ["POST /api/admin/config/name", "POST /api/admin/config/video/streamlatencylevel"];
  expect([counter.requests.at(0), counter.requests.at(-1)]).toEqual([read, read]);
  expect(counter.requests.slice(1, -1).toSorted()).toEqual(writes);
  expect((await plan(target())).changes).toEqual([]);
});
