import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { KeptFolder } from "../../../checks/lib/keeper/kept-folder.ts";

let folder: KeptFolder;
beforeEach(() => {
  folder = new KeptFolder();
});
afterEach(() => folder.remove());

const stateFile = (): string => join(folder.keptDir, "state.json");

/** With any file in place of its state, the keeper serves Owncast's list. */
function expectAnswers(): void {
  const keeper = folder.keeper();
  folder.see(keeper);
  folder.owncast.segment();
  folder.see(keeper);
  const [listed] = [...folder.owncast.segments].slice(-1).map((name) => name.replace(/^.*\//, ""));
  expect(keeper.playlist("0")).toContain(`\n${listed}\n`);
  expect(keeper.playlist("")).toBe(folder.owncast.files.get("stream.m3u8"));
  for (const [kind, { count }] of keeper.counts().faults) expect([kind, count]).toEqual([kind, 0]);
  // And the next one goes on from what this one has written.
  const before = keeper.playlist("0");
  expect(folder.keeper().playlist("0")).toBe(before);
}

const otherForms: readonly (readonly [what: string, text: string])[] = [
  ["nothing", ""],
  ["a part of one", '{"master":'],
  ...["null", "1", '"text"', "[]", "{}", "true", "[[]]"].map((text) => [text, text] as const),
  ["no variants", '{"count":1,"sessions":[]}'],
  ["null for variants", '{"count":1,"variants":null,"sessions":[]}'],
  ["a variant that is null", '{"count":1,"variants":[null],"sessions":[]}'],
  ["a variant that is empty", '{"count":1,"variants":[{}],"sessions":[]}'],
  ["variants by name", '{"count":1,"variants":{"0":{}},"sessions":[]}'],
  ["null for sessions", '{"count":1,"variants":[],"sessions":null}'],
  ["a session that is null", '{"count":1,"variants":[],"sessions":[null]}'],
  ["a huge count", '{"count":1e9,"variants":[],"sessions":[]}'],
  ["a count below nothing", '{"count":-1,"variants":[],"sessions":[]}'],
  ["a count that is a text", '{"count":"1","variants":[],"sessions":[]}'],
  ["deep nesting", "[".repeat(100_000)],
  ["closed deep nesting", `{"variants":${"[".repeat(50_000)}${"]".repeat(50_000)}}`],
  ["5 MB of one", `{"count":0,"variants":[],"sessions":[]${" ".repeat(5_000_000)}}`],
  ["no UTF-8", "\u0000\uFFFD{}"],
];

describe("in place of a state", () => {
  it.each(otherForms)("%s is moved aside, and the keeper starts new playlists", (_, text) => {
    folder.goLive(folder.keeper());
    writeFileSync(stateFile(), text);
    expectAnswers();
    expect(existsSync(`${stateFile()}.bad`)).toBe(true);
    expect(folder.said.join("\n")).toMatch(/^.*state\.json.*$/);
  });

  it.each([
    ["a folder", (file: string) => mkdirSync(join(file, "inner"), { recursive: true })],
    ["a pipe", (file: string) => execFileSync("mkfifo", [file])],
    ["a link to itself", (file: string) => symlinkSync(file, file)],
    ["a link to endless zeros", (file: string) => symlinkSync("/dev/zero", file)],
  ])("%s is moved aside, even when the state is written", (_, make) => {
    folder.goLive(folder.keeper());
    for (const place of [stateFile(), `${stateFile()}.new`, `${stateFile()}.bad`]) {
      rmSync(place, { force: true });
      make(place);
    }
    expectAnswers();
  });
});

/** Every place in a JSON value, as a list of keys. */
function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

function put(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...(value as object) };
  const inner = put(copy[key], rest, other);
  if (inner === undefined && !Array.isArray(value)) delete copy[key];
  else copy[key] = inner;
  return copy;
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, -1, 0, 0.5, 1e9, 1e300, "", "\n#EXT-X-ENDLIST", "../../etc/passwd", [], {}),
  fc.jsonValue({ maxDepth: 3 }),
);

describe("players get the segments that Owncast lists", () => {
  it("if the state file holds any JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        folder.goLive(folder.keeper());
        writeFileSync(stateFile(), text);
        expectAnswers();
      }),
      { numRuns: runs(15, 60) },
    );
  });

  it("if the state file holds a real state with one changed value, or cut off", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        odd,
        fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 4 }),
        (isHeld, share, other, part) => {
          folder.goLive(folder.keeper());
          if (isHeld) folder.owncast.drop();
          folder.see(folder.keeper());
          if (isHeld) folder.goLive(folder.keeper(), { segments: 1 });
          const real = JSON.parse(readFileSync(stateFile(), "utf8"));
          const places = placesIn(real);
          const text = JSON.stringify(put(real, places[Math.floor(share * (places.length - 1))] ?? [], other) ?? null);
          writeFileSync(stateFile(), part === null ? text : text.slice(0, part * text.length));
          expectAnswers();
        },
      ),
      { numRuns: runs(30, 200) },
    );
  });
});
