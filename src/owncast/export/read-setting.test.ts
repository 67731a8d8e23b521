import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configOf } from "../../../checks/lib/owncast/export-server.ts";
import { sitesOf, trialsOf } from "../../../checks/lib/schema/schema-documents.ts";
import type { Field } from "../../../codegen/schema/core/fields.ts";
import { nestedAt, valueAt } from "../../../codegen/schema/core/paths.ts";
import type { ConfigMeta } from "../../../codegen/schema/core/registry.ts";
import { configFields } from "../../../codegen/schema/owncast/owncast.ts";
import { expandStage, type Stage } from "../../../codegen/schema/stage/stage.ts";
import { encodeSetting, normalised, readBack } from "../apply/diff.ts";
import { readSetting } from "./read-setting.ts";
import { checkSetting } from "./reading.ts";

const reveal = (name: string): string => `https://secret.example/value-of-${name}`;
const options = { taken: new Set(["admin-password"]), password: "of-the-admin-page" };
const fieldAt = (path: string): Field<ConfigMeta> => configFields.find((field) => field.path === path)!;
const readable = configFields.filter(({ path, meta }) => meta.read !== null && path.includes("."));

const schema = JSON.parse(readFileSync("generated/stage.schema.json", "utf8"));
const sites = sitesOf(schema);
const exampleOf = (path: string): unknown =>
  valueAt(schema, [...path.split(".").flatMap((key) => ["properties", key]), "examples", 0]);
/** A setting's values in the seed's form: its example, both values of a switch, and the limits of every part. */
function valuesOf(path: string): unknown[] {
  const example = exampleOf(path);
  const limits = sites
    .filter((site) => site.path === path || site.path.startsWith(`${path}.`) || site.path.startsWith(`${path}[`))
    .flatMap((site) =>
      trialsOf(site).flatMap(({ kind, value }) => (kind === "good" ? [valueAt(site.wrap(value), path)] : [])),
    );
  return [example, ...(typeof example === "boolean" ? [!example] : []), ...limits].flatMap((value) => {
    const checked = checkSetting(path, value);
    if (checked.faults) return [];
    return [valueAt(expandStage(nestedAt(path, checked.value) as Stage), path)];
  });
}

describe.each(readable.map(({ path }) => path))("%s", (path) => {
  const { meta } = fieldAt(path);
  const values = valuesOf(path);

  it("keeps its meaning from the stage file to a server and back", () => {
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) {
      const [area = "", key = ""] = path.split(".");
      const config = configOf({ [area]: { [key]: value } }, reveal);
      const reading = readSetting(fieldAt(path), config, options);
      expect({ value, refused: reading.refused }).toEqual({ value, refused: [] });
      const provided = (name: string) => reading.secrets.find((secret) => secret.name === name)?.value ?? "missing";
      const sent = encodeSetting(meta, reading.value, provided);
      expect(normalised(meta, sent)).toEqual(normalised(meta, readBack(meta, config)));
      expect(JSON.stringify(reading.value)).not.toContain("value-of-");
    }
  });
});

describe("a value that a stage file may not hold", () => {
  const read = (path: string, live: unknown) => {
    const { meta } = fieldAt(path);
    return readSetting(fieldAt(path), nestedAt(meta.read ?? "", live), options);
  };
  const variant = { name: "A", videoPassthrough: false, audioPassthrough: true, videoBitrate: 1200, audioBitrate: 0 };

  it.each([
    ["instance.name", "a\r\nb", "instance.name: expected a single line without control characters"],
    ["instance.name", 7, "instance.name: expected a text, got 7"],
    ["instance.tags", null, "instance.tags: expected a list, got nothing"],
    ["instance.tags", ["a", "<b>"], "instance.tags[1]: expected a tag without # in front"],
    ["video.latency", 9, "video.latency: expected one of lowest, low, medium, high, highest, got 9"],
    [
      "video.ladder",
      [{ ...variant, framerate: 24, cpuUsageLevel: 2, scaledHeight: 361 }],
      "video.ladder[0].height: expected an even number, got 361",
    ],
    ["video.ladder", "nonsense", "video.ladder: has a form that Lectern does not know"],
    ["chat.suggestedNames", ["Ada"], "chat.suggestedNames: expected no names, or at least 10"],
    ["storage.objectStorage", { enabled: true, novelty: "x" }, "storage.objectStorage.novelty: no such setting"],
  ])("is refused with the reason: %s, %j", (path, live, reason) => {
    const reading = read(path, live);
    expect(reading.value).toBeUndefined();
    expect(reading.refused.flatMap(({ why }) => why)[0]).toContain(reason);
  });

  it("is never shown if it is a secret", () => {
    const s3 = {
      enabled: true,
      endpoint: "s3.example",
      accessKey: "CANARY1",
      secret: "CANARY2",
      bucket: "b",
      region: "r",
    };
    const readings = [read("storage.objectStorage", s3), read("access.streamKeys", { key: "CANARY3" })];
    for (const { refused } of readings) {
      expect(refused.length).toBeGreaterThan(0);
      expect(JSON.stringify(refused)).not.toContain("CANARY");
    }
  });

  it("is left out of a stream key, and the stage keeps its list of keys", () => {
    const { value, refused } = read("access.streamKeys", [
      { key: "one-key", comment: "ok" },
      { key: "another", comment: "a\nb" },
    ]);
    expect(value).toEqual([{ secret: "stream-key-ok", comment: "ok" }, { secret: "stream-key-a-b" }]);
    expect(refused.flatMap(({ why }) => why)).toEqual([expect.stringContaining("access.streamKeys[1].comment: ")]);
  });

  it.each([
    ["abc123", "holds Owncast's default, which everybody knows"],
    ["of-the-admin-page", "is the same as the admin password"],
    ["two\nlines", "holds a line break"],
  ])("may be a stream key that Lectern would refuse: %j", (key, reason) => {
    const { refused } = read("access.streamKeys", [{ key, comment: "moderator" }]);
    const [line = ""] = refused.flatMap(({ why }) => why);
    expect(line).toContain(`stream-key-moderator: the stream key commented “moderator” ${reason}`);
    if (key !== "abc123") expect(line).not.toContain(key);
  });
});

describe("names of stream keys", () => {
  it.each([
    [[""], ["stream-key"]],
    [["Default stream key"], ["default-stream-key"]],
    [
      ["Moderator", "moderator!", "moderator"],
      ["stream-key-moderator", "stream-key-moderator-2", "stream-key-moderator-3"],
    ],
    [["Ünï 🎥 cödé"], ["stream-key-uni-code"]],
    [["日本"], ["stream-key"]],
    [["x".repeat(80)], [`stream-key-${"x".repeat(40)}`]],
  ])("for the comments %j are %j", (comments, names) => {
    const streamKeys = comments.map((comment, index) => ({ key: `key-${index}`, comment }));
    const reading = readSetting(fieldAt("access.streamKeys"), { streamKeys }, options);
    expect(reading.secrets.map(({ name }) => name)).toEqual(names);
    expect(reading.refused).toEqual([]);
  });
});
