import { valueAt } from "../../../codegen/schema/core/paths.ts";
import { configFields } from "../../../codegen/schema/owncast/owncast.ts";
import { expandStage, type Stage } from "../../../codegen/schema/stage/stage.ts";
import { encodeSetting } from "../../../src/owncast/apply/diff.ts";
import type { OwncastClient } from "../../../src/owncast/client/client.ts";
import type { ExportOptions } from "../../../src/owncast/export/export-stage.ts";

/** For tests: the configuration of an Owncast with a stage's settings, and Owncast's defaults for the others. */
export function configOf(stage: Stage, reveal: (name: string) => string): Record<string, unknown> {
  const seed = expandStage(stage);
  const config: Record<string, unknown> = {};
  for (const { path, meta } of configFields) {
    const { read, ownDefault } = meta;
    if (read === null) continue;
    const declared = valueAt(seed, path);
    const own = "value" in ownDefault ? encodeSetting(meta, ownDefault.value, reveal) : ownDefault.readsBack;
    put(config, read.slice(1).split("/"), declared === undefined ? own : encodeSetting(meta, declared, reveal));
  }
  return config;
}

function put(config: Record<string, unknown>, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) config[key] = value;
  else {
    config[key] ??= {};
    put(config[key] as Record<string, unknown>, rest, value);
  }
}

/** A fresh Owncast's value. */
const ownLists: Readonly<Record<string, unknown>> = {
  "/api/emoji": [{ name: "ablobcry", url: "/img/emoji/blob/ablobcry.gif" }],
};

/** For tests: a server with this configuration and these lists of resources, by their paths. It has no pictures. */
export function serverWith(config: unknown, lists: Readonly<Record<string, unknown>> = {}): ExportOptions {
  const client = {
    read: async (path: string) => lists[path] ?? ownLists[path] ?? [],
    readFile: async () => undefined,
  } as unknown as OwncastClient;
  return { client, config, password: "of-the-admin-page", folder: "main", all: false };
}
