import { expect, it } from "vitest";
import { nestedAt, valueAt } from "./paths.ts";

const tree = { video: { ladder: [{ name: "SD" }], latency: null, "": 1 } };

it.each([
  ["by its keys", ["video", "ladder", 0, "name"], "SD"],
  ["by a dotted path", "video.ladder", [{ name: "SD" }]],
  ["by a JSON pointer", "/video/ladder/0/name", "SD"],
  ["that is null", "video.latency", null],
  ["below null as undefined", "video.latency.level", undefined],
  ["below what is missing as undefined", "chat.emoji.list", undefined],
  ["as the whole tree for no keys", [], tree],
])("finds a value %s", (_, path, found) => expect(valueAt(tree, path)).toEqual(found));

it("puts a value where the look-up finds it", () => {
  expect(nestedAt("video.latency", "low")).toEqual({ video: { latency: "low" } });
  expect(valueAt(nestedAt("/a/b", 1), ["a", "b"])).toBe(1);
});
