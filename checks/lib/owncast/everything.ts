import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readDocs } from "../../../codegen/emit/docs.ts";
import { assetsIn, typeByName } from "../../../codegen/schema/core/asset.ts";
import { owncastFields } from "../../../codegen/schema/owncast/owncast.ts";
import { Stage, seedFields } from "../../../codegen/schema/stage/stage.ts";
import { ico, png, svg } from "../schema/tiny-pictures.ts";

const pictures = { png: png("of the seed"), svg: svg("green"), ico: ico() };

// With object storage, the documented ladder needs a shorter list of segments than the documented latency has.
const instead: Readonly<Record<string, unknown>> = { "video.latency": "high" };

/** All settings of a stage file, each with its documented example, without those that only a seed has. */
export function everyExample(): Record<string, Record<string, unknown>> {
  const docs = readDocs("codegen/schema", seedFields).Stage;
  const stage: Record<string, Record<string, unknown>> = {};
  for (const { path } of owncastFields.filter(({ path }) => path.includes("."))) {
    const [area = "", key = ""] = path.split(".");
    const example = instead[path] ?? docs.get(path)?.example;
    if (example === undefined) throw new Error(`${path} has no documented example`);
    stage[area] = { ...stage[area], [key]: example };
  }
  return stage;
}

/** Writes all pictures that a stage names. */
export function putPictures(stage: unknown, folder: string): void {
  for (const { file } of assetsIn(Stage, stage)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), pictures[typeByName(file) as keyof typeof pictures]);
  }
}
