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

describe("what is to be done", () => {
  it.each([
    { claim: "what is missing is made", want: [wanted("a", "1")], have: [], steps: ["create a  → 1"], extras: [] },
    { claim: "what is as wanted stays", want: [wanted("a", "1")], have: [found("a", "1")], steps: [], extras: [] },
    {
      claim: "what is otherwise is replaced",
      want: [wanted("a", "2")],
      have: [found("a", "1")],
      steps: ["replace a 1 → 2"],
      extras: [],
    },
    {
      claim: "of two with one key the one that is as wanted stays, and the other is left over",
      want: [wanted("a", "2")],
      have: [found("a", "1"), found("a", "2")],
      steps: [],
      extras: ["the a"],
    },
    {
      claim: "two with one key that are both otherwise are replaced together",
      want: [wanted("a", "3")],
      have: [found("a", "1"), found("a", "2")],
      steps: ["replace a 1 → 3"],
      extras: [],
    },
    { claim: "what nobody wants is left over", want: [], have: [found("b", "1")], steps: [], extras: ["the b"] },
    {
      claim: "pruned, what nobody wants goes",
      prune: true,
      want: [wanted("a", "1")],
      have: [found("a", "1"), found("b", "1")],
      steps: ["remove the b 1 → "],
      extras: [],
    },
    {
      claim: "pruned, what cannot be removed is left over",
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

describe("replacing", () => {
  it("removes every old one, then makes the new one", async () => {
    const { done, wanted, found } = things();
    const state = { wanted: [wanted("a", "3")], found: [found("a", "1"), found("a", "2")], prune: false };
    expect(await diffResource("x.y", state).steps[0]?.write()).toEqual({ status: 200, message: "" });
    expect(done).toEqual(["remove a 1", "remove a 2", "create a 3"]);
  });

  it("makes nothing when nobody knows whether the old one is gone", async () => {
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
