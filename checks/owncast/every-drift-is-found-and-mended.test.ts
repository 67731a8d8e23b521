import { isDeepStrictEqual } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { configFields, resourceFields } from "../../codegen/schema/owncast/owncast.ts";
import { encodeSetting, normalised } from "../../src/owncast/apply/diff.ts";
import { sample } from "../lib/exhaustive.ts";
import { type InSync, inSync, startInSync } from "../lib/owncast/in-sync-with-everything.ts";
import { type Different, otherValues } from "../lib/owncast/other-values.ts";
import { png, svg } from "../lib/schema/tiny-pictures.ts";

let here: InSync;
/** The configuration of a server that is in sync. */
let synced: unknown;
beforeAll(async () => {
  here = await startInSync();
  synced = await admin("serverconfig");
});
afterAll(() => here?.stand.stop());
// A drift that stays must not affect the other tests.
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await here.mend();
});

const admin: InSync["stand"]["admin"] = (...args) => here.stand.admin(...args);
const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);
const readBack = (config: unknown, pointer: string): unknown => at(config, pointer.slice(1).split("/"));

describe("a setting with any part changed by hand is named, and apply writes back only this setting:", () => {
  /** Settings with a fixed set of values: a changed text would be invalid. */
  const special: Readonly<Record<string, readonly Different[]>> = {
    "video.codec": [{ what: "another encoder", value: "h264_vaapi" }],
  };
  const readable = configFields.flatMap(({ path, meta }) =>
    meta.read === null ? [] : [{ path, meta, read: meta.read }],
  );

  test.each(sample("settings that are changed by hand", readable, 3))("$path", async ({ path, meta, read }) => {
    const sent = encodeSetting(meta, at(here.seed, path.split(".")), here.reveal);
    const back = readBack(here.fresh, read);
    const others = [
      ...(special[path] ?? otherValues(sent)),
      // Owncast reads null as "wipe". The admin page never sends that.
      ...(back === undefined || back === null ? [] : [{ what: "set back", value: back }]),
    ];
    let lastDrift: unknown;
    for (const { what, value } of sample(`other values of ${path}`, others, 2)) {
      const taken = await admin(`config/${meta.write}`, { value }).catch(() => undefined);
      // Owncast refuses some values, treats some as equal, and ignores some: those are no drift.
      const [now, before] = [await admin("serverconfig"), synced].map((one) => normalised(meta, readBack(one, read)));
      const isDrift = !isDeepStrictEqual(now, before);
      if (taken && isDrift) lastDrift = value;
      expect({ what, ...(await here.plan()) }).toEqual({ what, ...(isDrift ? { code: 2, names: [path] } : inSync) });
    }
    expect(lastDrift).toBeDefined();
    await admin(`config/${meta.write}`, { value: lastDrift });
    const done = await here.mend();
    expect(done).toMatchObject({ code: 0, writes: [`POST /api/admin/config/${meta.write}`], after: inSync });
    expect(done.stdout).toContain(`~ ${path}`);
  });
});

interface ResourceDrift {
  readonly what: string;
  byHand(): Promise<unknown>;
  /** Endpoints below `/api/admin/`. */
  readonly writes: readonly string[];
}

const data = (bytes: Buffer, type = "png"): string => `data:image/${type};base64,${bytes.toString("base64")}`;
const removeWebhooks = async () => {
  for (const { id } of (await admin("webhooks")) as { id: number }[]) await admin("webhooks/delete", { id });
};
const removeTokens = async () => {
  for (const { accessToken } of (await admin("accesstokens")) as { accessToken: string }[])
    await admin("accesstokens/delete", { token: accessToken });
};
const removeEmoji = () => admin("emoji/delete", { name: "snowflake.svg" });

/** Ways in which each kind of resource can drift. */
const resourceDrifts: Readonly<Record<string, readonly ResourceDrift[]>> = {
  logo: [
    {
      what: "another picture",
      byHand: () => admin("config/logo", { value: data(png("by hand")) }),
      writes: ["config/logo"],
    },
  ],
  favicon: [
    {
      what: "another picture",
      byHand: () => {
        const form = new FormData();
        form.set("favicon", new Blob([new Uint8Array(png("by hand"))], { type: "image/png" }), "other.png");
        return admin("config/favicon", form);
      },
      writes: ["config/favicon"],
    },
  ],
  emoji: [
    { what: "removed", byHand: removeEmoji, writes: ["emoji/upload"] },
    {
      what: "another picture",
      byHand: async () => {
        await removeEmoji();
        await admin("emoji/upload", { name: "snowflake.svg", data: data(svg("black"), "svg+xml") });
      },
      writes: ["emoji/delete", "emoji/upload"],
    },
  ],
  webhooks: [
    { what: "removed", byHand: removeWebhooks, writes: ["webhooks/create"] },
    {
      what: "other events",
      byHand: async () => {
        const [{ url } = { url: "" }] = (await admin("webhooks")) as { url: string }[];
        await removeWebhooks();
        await admin("webhooks/create", { url, events: ["CHAT"] });
      },
      writes: ["webhooks/delete", "webhooks/create"],
    },
  ],
  accessTokens: [
    { what: "removed", byHand: removeTokens, writes: ["accesstokens/create"] },
    {
      what: "other scopes",
      byHand: async () => {
        await removeTokens();
        await admin("accesstokens/create", { name: "scoreboard", scopes: ["HAS_ADMIN_ACCESS"] });
      },
      writes: ["accesstokens/delete", "accesstokens/create"],
    },
  ],
};

const drifted = resourceFields.flatMap(({ path, meta }) =>
  (resourceDrifts[meta.resource] ?? []).map((drift) => ({ path, ...drift })),
);

test("every kind of resource has a drift", () => {
  expect(Object.keys(resourceDrifts).sort()).toEqual(resourceFields.map(({ meta }) => meta.resource).sort());
});

test.each(sample("ways in which a resource is changed by hand", drifted, 3))(
  "$path: what is changed by hand ($what) is named and alone written back",
  async (drift) => {
    await drift.byHand();
    expect(await here.plan()).toEqual({ code: 2, names: [drift.path] });
    const done = await here.mend();
    expect(done).toMatchObject({
      code: 0,
      writes: drift.writes.map((name) => `POST /api/admin/${name}`),
      after: inSync,
    });
    expect(done.stdout).toContain(` ${drift.path}`);
  },
);

// From then on, each log-in costs Owncast much: so this test is the last.
test("access.adminPassword, which cannot be read back, set to the public default, is named and alone written back", async () => {
  await admin("config/adminpass", { value: "abc123" });
  expect(await here.plan()).toEqual({ code: 2, names: ["access.adminPassword"] });
  const done = await here.mend();
  expect(done).toMatchObject({ code: 0, writes: ["POST /api/admin/config/adminpass"], after: inSync });
});
