import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { gif, ico, jpg, png, svg } from "../../checks/lib/schema/tiny-pictures.ts";
import { assetName, assetPath, sha256, withAssetRefs } from "../schema/core/asset.ts";
import { owncastSeed, owncastStage } from "../schema/owncast/owncast.ts";
import { readSeedAssets, readStageAssets, sha256Of } from "./assets.ts";
import { loadFile } from "./load-seed.ts";
import type { ConfigError } from "./problem.ts";
import { parseDocument } from "./yaml-document.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-assets-"));
  mkdirSync(join(folder, "main"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);

/** The faults of a stage file or a seed, its folder's name left out. */
async function faultsOf(name: string, content: string): Promise<string[]> {
  put(name, content);
  const error = await loadFile(join(folder, name)).then(
    () => undefined,
    (caught: ConfigError) => caught,
  );
  return error?.message.replaceAll(`${folder}/`, "").split("\n") ?? [];
}

const whole = `appearance:
  logo: main/logo.jpeg
  favicon: icon.ico
chat:
  emoji:
    list:
      - { name: wave, file: main/wave.gif }
      - { name: star, file: main/star.svg }
`;

function putWhole(): void {
  put("main/logo.jpeg", jpg());
  put("icon.ico", ico());
  put("main/wave.gif", gif());
  put("main/star.svg", svg());
}

describe("the files of a stage", () => {
  it("go into the seed by name and hash, and are named after their use", async () => {
    putWhole();
    put("main.yaml", whole);
    const { seed, assets } = await loadFile(join(folder, "main.yaml"));
    expect(seed.appearance).toEqual({
      logo: { file: "logo.jpg", sha256: sha256Of(jpg()) },
      favicon: { file: "favicon.ico", sha256: sha256Of(ico()) },
    });
    expect(seed.chat?.emoji?.list).toEqual([
      { name: "wave", file: "emoji-wave.gif", sha256: sha256Of(gif()) },
      { name: "star", file: "emoji-star.svg", sha256: sha256Of(svg()) },
    ]);
    expect([...assets.keys()]).toEqual(["emoji-wave.gif", "emoji-star.svg", "logo.jpg", "favicon.ico"]);
    expect(Buffer.from(assets.get("emoji-star.svg") ?? []).equals(svg())).toBe(true);
  });

  it("are all reported at their place if they are missing, of a wrong type, too large or not files", async () => {
    putWhole();
    rmSync(join(folder, "main/logo.jpeg"));
    put("icon.ico", Buffer.concat([ico(), Buffer.alloc(200_000)]));
    put("main/wave.gif", png());
    rmSync(join(folder, "main/star.svg"));
    mkdirSync(join(folder, "main/star.svg"));
    expect(await faultsOf("main.yaml", whole)).toEqual([
      "main.yaml:2:9: appearance.logo: main/logo.jpeg: no such file; put the picture there",
      "main.yaml:3:12: appearance.favicon: icon.ico: has 200006 bytes, expected at most 200000",
      "main.yaml:7:29: chat.emoji.list[0].file: main/wave.gif: is PNG, expected GIF as its name says (emoji takes png, gif, svg)",
      "main.yaml:8:29: chat.emoji.list[1].file: main/star.svg: expected a picture, found a folder or a device",
    ]);
  });

  it("may not hold a script", async () => {
    put("logo.svg", "<svg><script>alert(1)</script></svg>");
    expect(await faultsOf("main.yaml", "appearance:\n  logo: logo.svg\n")).toEqual([
      "main.yaml:2:9: appearance.logo: logo.svg: holds a script, expected a picture and nothing else",
    ]);
  });

  it.each([
    "/etc/logo.png",
    "../logo.png",
    "main/../../logo.png",
    "./logo.png",
    ".hidden.png",
    "main//logo.png",
    "logo.gif",
    "lo go.png",
    "logo.png/",
    "https://x.example/logo.png",
  ])("may not be %s", async (path) => {
    const [first, ...more] = await faultsOf("main.yaml", `appearance:\n  logo: ${path}\n`);
    expect(first).toContain("main.yaml:2:9: appearance.logo: expected a path below the stage file's folder");
    expect(more).toEqual([]);
  });

  it.each(["../up", "a/b", "", ".x", "-x", "_x", "a.png", "wä"])("an emoji may not be called %j", async (name) => {
    put("wave.png", png());
    const stage = `chat:\n  emoji:\n    list:\n      - { name: "${name}", file: wave.png }\n`;
    expect((await faultsOf("main.yaml", stage))[0]).toMatch(
      /^main\.yaml:4:17: chat\.emoji\.list\[0\]\.name: expected /,
    );
  });
});

it("an emoji may have any name that Owncast's own emoji have or that its chat can read", async () => {
  putWhole();
  for (const name of ["8_ball", "PogChamp", "bow_b3", "party-time_", "X"]) {
    put("main.yaml", `chat:\n  emoji:\n    list:\n      - { name: ${name}, file: main/wave.gif }\n`);
    const { seed } = await loadFile(join(folder, "main.yaml"));
    expect(seed.chat?.emoji?.list).toEqual([{ name, file: `emoji-${name}.gif`, sha256: sha256Of(gif()) }]);
  }
});

describe("the files of a seed", () => {
  const access = { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "stream-key" }] };
  const seedOf = (file: string, bytes: Uint8Array) =>
    JSON.stringify({ appearance: { logo: { file, sha256: sha256Of(bytes) } }, access });

  it("are read from the folder beside the seed that has the seed's name", async () => {
    put("main/logo.png", png());
    put("main.json", seedOf("logo.png", png()));
    const { assets } = await loadFile(join(folder, "main.json"));
    expect(Buffer.from(assets.get("logo.png") ?? []).equals(png())).toBe(true);
  });

  it("must exist, with the bytes that they had when the seed was made", async () => {
    expect(await faultsOf("main.json", seedOf("logo.png", png()))).toEqual([
      "main.json:1:31: appearance.logo.file: main/logo.png: no such file; put the picture there",
    ]);
    put("main/logo.png", png("other"));
    expect(await faultsOf("main.json", seedOf("logo.png", png()))).toEqual([
      "main.json:1:31: appearance.logo.file: main/logo.png: the file has changed since the seed was made; make the seed again",
    ]);
  });

  it("cannot be in another folder", async () => {
    expect((await faultsOf("main.json", seedOf("../logo.png", png())))[0]).toContain(
      "appearance.logo.file: expected a file's name",
    );
  });
});

it("a new kind of picture needs only its schema to be found, named and read", async () => {
  const use = { name: "poster", types: ["png"], maxBytes: 100 } as const;
  const posters = { list: z.array(z.strictObject({ name: z.string(), file: assetPath(use) })).max(5) };
  const stageSchema = owncastStage.extend({ posters: z.strictObject(posters).exactOptional(), ticket: assetPath(use) });
  const ref = { file: assetName(use), sha256 };
  const seedSchema = owncastSeed.extend({
    posters: z.strictObject({ list: z.array(z.strictObject({ name: z.string(), ...ref })) }),
    ticket: z.strictObject(ref),
  });
  put("wide.png", png("wide"));
  put("main/ticket.png", png());
  const stage = { posters: { list: [{ name: "wide", file: "wide.png" }] }, ticket: "main/ticket.png" };
  const document = (value: object) => parseDocument("main", Buffer.from(JSON.stringify(value)));
  const { lookUp, assets } = await readStageAssets(join(folder, "main.yaml"), document(stage), stageSchema);
  const access = { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "stream-key" }] };
  const seed = { ...withAssetRefs(stageSchema, stageSchema.parse(stage), lookUp), access };
  expect(seedSchema.parse(seed)).toMatchObject({
    posters: { list: [{ name: "wide", file: "poster-wide.png", sha256: sha256Of(png("wide")) }] },
    ticket: { file: "poster.png", sha256: sha256Of(png()) },
  });
  for (const [name, bytes] of assets) put(`main/${name}`, bytes);
  expect(await readSeedAssets(join(folder, "main.json"), document(seed), seedSchema)).toEqual(assets);
  put("main/poster.png", png("x".repeat(100)));
  put("main/poster-wide.png", png("other"));
  const again = readSeedAssets(join(folder, "main.json"), document(seed), seedSchema);
  await expect(again).rejects.toThrow(/list\[0\]\.file: .*has changed[\s\S]*ticket\.file: .*expected at most 100$/);
});
