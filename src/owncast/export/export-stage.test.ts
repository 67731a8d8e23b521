import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configOf, serverWith } from "../../../checks/lib/owncast/export-server.ts";
import { parseDocument } from "../../../codegen/load/yaml-document.ts";
import { Stage } from "../../../codegen/schema/stage/stage.ts";
import { exportStage } from "./export-stage.ts";
import { stageText } from "./stage-text.ts";

const reveal = (name: string): string => `https://secret.example/value-of-${name}`;
const options = { docs: () => "A sentence.", schema: undefined, all: false };

/** The export of a server with a stage: the settings in it, also in its text, and the refused ones. */
async function throughServer(stage: Stage) {
  const exported = await exportStage(serverWith(configOf(stage, reveal)));
  const text = stageText(exported, options);
  return { exported, text, read: parseDocument("main.yaml", Buffer.from(text)).value };
}

describe("texts", () => {
  it.each(["a\n\n", "\n", "a\n \n\n", "  a\n\n\n"])(
    "%j keeps its empty lines if another area follows",
    async (pageText) => {
      const stage = { instance: { pageText }, chat: { enabled: false } };
      expect((await throughServer(stage)).read).toEqual(stage);
    },
  );

  const hostile = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc
      .array(
        fc.constantFrom(..."\n\t #:-'\"|>%@`[]{},&*!?\\~=<", "a", "é", "🎥", "---", "<<<<<<< ", "\u00a0", "\ufeff"),
        {
          maxLength: 30,
        },
      )
      .map((parts) => parts.join("")),
  );

  it("are read back from the file unchanged, in every place", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (one, two, three) => {
        const written = {
          instance: { name: one, summary: two, pageText: three, tags: [one] },
          appearance: { styles: one, javascript: two, externalActions: [{ title: "Ask", html: three }] },
          notifications: { browser: { enabled: false, goLiveMessage: three } },
        };
        const candidate = keepValid(written);
        const { exported, read } = await throughServer(candidate);
        expect(read ?? {}).toEqual(exported.stage);
        for (const area of ["instance", "appearance"] as const)
          expect(exported.stage[area] ?? {}).toMatchObject(withoutDefaults(area, candidate[area] ?? {}));
      }),
      { numRuns: 100 },
    );
  });
});

/** The settings that pass a check. */
function keepValid(written: Readonly<Record<string, object>>): Stage {
  const entries = Object.entries(written).map(([area, settings]) => {
    const kept = Object.entries(settings).filter(
      ([key, value]) => Stage.safeParse({ [area]: { [key]: value } }).success,
    );
    return [area, Object.fromEntries(kept)];
  });
  return Stage.parse(Object.fromEntries(entries));
}

/** Owncast's own default of these settings is the empty text. */
const withoutDefaults = (area: string, settings: object) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => !(area === "appearance" && value === "")));

describe("settings that a stage file cannot hold together", () => {
  it("are refused with the reason, and the rest is exported", async () => {
    const rendition = (name: string, width: number, bitrateKbps: number) => ({
      ...{ name, width, height: 180, framerate: 30, bitrateKbps },
    });
    const stage = {
      video: { ladder: [rendition("S", 320, 500), rendition("M", 640, 900)] },
      storage: {
        objectStorage: {
          ...{ enabled: true, endpoint: "https://s3.example.com", bucket: "b", region: "r" },
          ...{ accessKey: { secret: "s3-access-key" }, secretKey: { secret: "s3-secret-key" } },
        },
      },
    } as const;
    const server = serverWith(configOf(stage as unknown as Stage, reveal));
    const { videoSettings } = server.config as { videoSettings: { latencyLevel: number } };
    videoSettings.latencyLevel = 0;
    const { stage: exported, refused } = await exportStage(server);
    expect(exported.storage).toMatchObject({ objectStorage: { bucket: "b" } });
    expect(exported.video).toEqual({ latency: "lowest" });
    expect(refused.map(({ path, why }) => [path, why[0]])).toEqual([
      ["video.ladder", expect.stringContaining("expected at most 1 rendition with object storage and latency lowest")],
    ]);
  });
});
