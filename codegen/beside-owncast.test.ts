import { expect, it } from "vitest";
import { z } from "zod";
import { readDocs } from "./emit/docs.ts";
import { annotatedSchema, emitStageSchema } from "./emit/json-schema.ts";
import { emitOptionsNix, emitSinceNix } from "./emit/options-nix.ts";
import { emitSeedTypes } from "./emit/seed-types.ts";
import { emitSettingsMd } from "./emit/settings-md.ts";
import { fieldsOf, isOfOwncast, owncastFieldsOf } from "./schema/core/fields.ts";
import { settings } from "./schema/core/registry.ts";
import { owncastFields, owncastSeed, owncastStage } from "./schema/owncast/owncast.ts";
import { seedFields } from "./schema/stage/stage.ts";

const keepDays = z.int().min(1).max(365).register(settings, { takesEffect: "live", leftOut: "nothing is recorded" });
const recording = z.strictObject({ keepDays: keepDays.exactOptional() });
const withRecording = owncastSeed.extend({ recording: recording.exactOptional() });
const docs = readDocs("codegen/schema", seedFields);
const doc = { text: "For how many days recordings are kept.", example: 30 };
const seedSchema = annotatedSchema(withRecording, new Map([...docs.Seed, ["recording.keepDays", doc]]));
const stageSchema = annotatedSchema(
  owncastStage.extend({ recording: recording.exactOptional() }),
  new Map([...docs.Stage, ["recording.keepDays", doc]]),
);
const fields = fieldsOf(withRecording);

it("a setting of the stage alone is a NixOS option", () =>
  expect(emitOptionsNix(seedSchema, (path) => fields.some((field) => field.path === path))).toContain(
    "keepDays = lib.mkOption {\n      type = lib.types.nullOr (lib.types.ints.between 1 365);",
  ));

it("a setting of the stage alone is in the seed's type and in the schema for editors", async () => {
  expect(await emitSeedTypes(seedSchema)).toContain("keepDays?: number;");
  expect(JSON.parse(emitStageSchema(stageSchema)).properties.recording.properties.keepDays).toMatchObject({
    description: doc.text,
    examples: [30],
    maximum: 365,
  });
});

it("the documentation of a setting of the stage alone says what its absence means, and names no version of Owncast", () => {
  const entry = emitSettingsMd(stageSchema, fields).split("### recording.keepDays")[1]?.split("\n## ")[0];
  expect(entry).toContain(`${doc.text}\n\n- Takes: a whole number from 1 to 365\n- Left out: nothing is recorded\n`);
  expect(entry).not.toContain("Owncast");
  expect(emitSinceNix(fields)).toBe(emitSinceNix(seedFields));
});

it("a setting of the stage alone does not count as a setting of Owncast", () => {
  expect(() => owncastFieldsOf(withRecording)).toThrow(
    "recording.keepDays: a setting of Owncast without an endpoint; only codegen/schema/stage may hold it",
  );
  expect(owncastFieldsOf(owncastSeed).map(({ path }) => path)).not.toContain("recording.keepDays");
});

it("Owncast's areas of a seed hold only settings of Owncast", () =>
  expect(
    seedFields.filter((field) => (field.path.split(".")[0] ?? "") in owncastSeed.shape && !isOfOwncast(field)),
  ).toEqual([]));

it("captions are settings of the stage alone, so plan, apply and export leave them out", () => {
  const paths = seedFields.filter((field) => !isOfOwncast(field)).map(({ path }) => path);
  expect(paths).toEqual([
    ...["captions.tracks", "captions.glossary", "captions.favour", "captions.transcript"],
    "rehearsal.enable",
  ]);
  expect(owncastFields.filter(({ path }) => paths.includes(path))).toEqual([]);
});
