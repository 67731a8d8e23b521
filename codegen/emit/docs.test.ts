import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { fieldsOf } from "../schema/core/fields.ts";
import { Stage, seedFields } from "../schema/stage/stage.ts";
import { readDocs } from "./docs.ts";

const docs = readDocs("codegen/schema", seedFields);

describe("the documentation of a setting", () => {
  it.each(seedFields.map(({ path }) => path))("%s has a sentence in its TSDoc", (path) => {
    expect(docs.Seed.get(path)?.text).toMatch(/^[A-Z].*\.$/);
  });

  it.each(fieldsOfStage())("%s has an example that the schema accepts", (path, schema) => {
    const doc = docs.Stage.get(path);
    expect(doc).toHaveProperty("example");
    expect(schema.safeParse(doc?.example).error).toBeUndefined();
  });
});

/** Every setting of a stage file, with the schema that checks people's values. */
function fieldsOfStage(): [string, z.ZodType][] {
  const areas = Stage.shape;
  // A setting that only a seed holds has no area.
  return seedFields
    .filter(({ path }) => path.includes("."))
    .map(({ path }) => {
      const [area, key] = path.split(".") as [keyof typeof areas, string];
      const shape = areas[area].unwrap().shape as Record<string, z.ZodType>;
      return [path, shape[key] as z.ZodType];
    });
}

it("the documentation of a setting comes from the constant in its own file, even if another file has a constant of the same name", () => {
  expect(docs.Stage.get("chat.enabled")?.text).toContain("chat beside the video");
  expect(docs.Stage.get("federation.enabled")?.text).toContain("Fediverse");
});

it("the reader throws for settings without documentation, such as those of a folder without sources", () => {
  const undocumented = () => readDocs("codegen/emit", seedFields);
  expect(undocumented).toThrow("codegen/emit: no TSDoc for serverUrl, instance.name, ");
  expect(undocumented).toThrow("access.streamKeys");
});

it("the schema must have metadata for each leaf", () => {
  expect(() => fieldsOf(Stage)).toThrow("video.ladder: a setting without metadata");
});
