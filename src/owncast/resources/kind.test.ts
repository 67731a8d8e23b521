import { describe, expect, it } from "vitest";
import { resourceFields } from "../../../codegen/schema/owncast/owncast.ts";
import { kinds } from "./converge.ts";
import { diffResource, type Found, type Wanted } from "./kind.ts";

/** Resources that record each operation on them. */
function things() {
  const done: string[] = [];
  const act =
    (what: string, status = 200) =>
    async () => {
      done.push(what);
      return { status, message: "" };
    };
  const wanted = (key: string, value: string): Wanted => ({
    key,
    label: key,
    value: [value],
    shown: value,
    create: act(`create ${key} ${value}`),
  });
  const found = (key: string, value: string, status?: number): Found => ({
    key,
    value: [value],
    shown: value,
    label: `the ${key}`,
    remove: act(`remove ${key} ${value}`, status),
  });
  return { done, wanted, found };
}

const { wanted, found } = things();
const fixed: Found = { key: "z", value: ["1"], shown: "1", label: "the z" };

describe("the plan for resources", () => {
  it.each([
    { claim: "creates a missing resource", want: [wanted("a", "1")], have: [], steps: ["create a  → 1"], extras: [] },
    {
      claim: "keeps a resource that already matches",
      want: [wanted("a", "1")],
      have: [found("a", "1")],
      steps: [],
      extras: [],
    },
    {
      claim: "replaces a resource that differs",
      want: [wanted("a", "2")],
      have: [found("a", "1")],
      steps: ["replace a 1 → 2"],
      extras: [],
    },
    {
      claim: "keeps the matching one of two resources with the same key, and reports the other as unmanaged",
      want: [wanted("a", "2")],
      have: [found("a", "1"), found("a", "2")],
      steps: [],
      extras: ["the a"],
    },
    {
      claim: "replaces two resources with the same key together if both differ",
      want: [wanted("a", "3")],
      have: [found("a", "1"), found("a", "2")],
      steps: ["replace a 1 → 3"],
      extras: [],
    },
    {
      claim: "reports an undeclared resource as unmanaged",
      want: [],
      have: [found("b", "1")],
      steps: [],
      extras: ["the b"],
    },
    {
      claim: "removes an undeclared resource if prune is on",
      prune: true,
      want: [wanted("a", "1")],
      have: [found("a", "1"), found("b", "1")],
      steps: ["remove the b 1 → "],
      extras: [],
    },
    {
      claim: "reports an undeclared resource as unmanaged if it cannot be removed",
      prune: true,
      want: [],
      have: [fixed],
      steps: [],
      extras: ["the z"],
    },
  ])("$claim", ({ want, have, prune = false, steps, extras }) => {
    const diff = diffResource("x.y", { wanted: want, found: have, prune });
    expect(diff.steps.map(({ action, name, have = "", want = "" }) => `${action} ${name} ${have} → ${want}`)).toEqual(
      steps,
    );
    expect(diff.extras.map(({ label }) => label)).toEqual(extras);
  });
});

describe("a replacement", () => {
  it("removes all old resources, then creates the new one", async () => {
    const { done, wanted, found } = things();
    const state = { wanted: [wanted("a", "3")], found: [found("a", "1"), found("a", "2")], prune: false };
    expect(await diffResource("x.y", state).steps[0]?.write()).toEqual({ status: 200, message: "" });
    expect(done).toEqual(["remove a 1", "remove a 2", "create a 3"]);
  });

  it("creates nothing if it is not known whether the old resource was removed", async () => {
    const { done, wanted, found } = things();
    const state = { wanted: [wanted("a", "2")], found: [found("a", "1", 0)], prune: false };
    expect(await diffResource("x.y", state).steps[0]?.write()).toEqual({ status: 0, message: "" });
    expect(done).toEqual(["remove a 1"]);
  });
});

it("every setting outside the configuration has a kind of resource, and every kind a setting", () => {
  const settings = resourceFields.map(({ meta }) => meta.resource);
  expect(kinds.map(({ resource }) => resource).sort()).toEqual(settings.sort());
});
