import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { proven } from "../rootfs/versions.mjs";
import { judge, movesOf, type NewestMeans, newestParts, runNewest } from "./newest.mjs";
import type { Counts } from "./run-lane.mjs";

const green: Counts = { passed: 3, failed: 0, skipped: 0, notes: [] };
const red: Counts = { passed: 2, failed: 1, skipped: 0, notes: ["a.test.ts: holds (Error: it does not)"] };
const known = { systemd: "262-1", caddy: "2.11.4-1", "nix-bin": "2.34.8-1", libc6: "2.42-5" };

/** Means of a lane whose parts all pass; what they say and run is kept. */
function means(changes: Partial<NewestMeans> = {}) {
  const said: string[] = [];
  const ran: string[] = [];
  const all: NewestMeans = {
    installed: known,
    proven: known,
    canary: async () => undefined,
    run: async (project) => {
      ran.push(project);
      return green;
    },
    say: (line) => said.push(line),
    ...changes,
  };
  return { all, said, ran };
}

describe("the newest lane", () => {
  it("sums up its parts, and says which versions each stands on", async () => {
    const { all, said, ran } = means();
    expect(await runNewest(all)).toEqual({ passed: 9, failed: 0, skipped: 0, notes: [] });
    expect(ran).toEqual(["newest-caddy", "newest-nix", "newest-systemd"]);
    expect(said[0]).toBe("newest-caddy: caddy 2.11.4-1, libc6 2.42-5");
  });

  it("is red for a failure with the proven versions", async () =>
    expect(await runNewest(means({ run: async () => red }).all)).toMatchObject({
      ...{ passed: 6, failed: 3, skipped: 0 },
      notes: newestParts.map(({ project }) => `${project}: ${red.notes[0]}`),
    }));

  it("skips what fails since forky has moved, names the versions, and stays red for what has not moved", async () => {
    const { all } = means({ installed: { ...known, systemd: "263-1" }, run: async () => red });
    const { failed, skipped, notes } = await runNewest(all);
    expect({ failed, skipped }).toEqual({ failed: 2, skipped: 1 });
    expect(notes).toContainEqual(
      expect.stringMatching(/^newest-systemd: forky has moved: systemd 263-1 \(last proven 262-1\); 1 failed with it/),
    );
    expect(notes).toContain(`newest-systemd: ${red.notes[0]}`);
  });

  it("asks to write down what has moved and passes", async () => {
    const { all, said } = means({ installed: { ...known, caddy: "2.12.0-1" } });
    expect(await runNewest(all)).toMatchObject({ failed: 0, skipped: 0, notes: [] });
    expect(said).toContainEqual(
      expect.stringMatching(/^newest-caddy: passes .*proven\.json: caddy 2\.12\.0-1 \(last proven 2\.11\.4-1\)$/),
    );
  });

  it("does not try Lectern on a program of forky's that does not work by itself, and runs the other parts", async () => {
    const canary: NewestMeans["canary"] = async (project) =>
      project === "newest-nix" ? "nix: no such file" : undefined;
    const { all, ran } = means({ canary });
    expect(await runNewest(all)).toEqual({
      ...{ passed: 6, failed: 0, skipped: 1 },
      notes: ["newest-nix: forky's own programs do not work here: nix: no such file"],
    });
    expect(ran).toEqual(["newest-caddy", "newest-systemd"]);
  });
});

describe("the judgment of a part", () => {
  const moves = ["caddy 2.12.0-1 (last proven 2.11.4-1)"];
  it.each([
    { claim: "green stays green with the proven versions", counts: green, moves: [], failed: 0, skipped: 0 },
    { claim: "green stays green with others", counts: green, moves, failed: 0, skipped: 0 },
    { claim: "red stays red with the proven versions", counts: red, moves: [], failed: 1, skipped: 0 },
    { claim: "red is skipped with others", counts: red, moves, failed: 0, skipped: 1 },
  ])("$claim", ({ counts, moves, failed, skipped }) =>
    expect(judge(counts, moves)).toMatchObject({ passed: counts.passed, failed, skipped }),
  );
});

it("a package that has come or gone has moved too", () =>
  expect(movesOf(["caddy", "systemd"], { systemd: "262-1" }, { caddy: "2.11.4-1" })).toEqual([
    "caddy (none) (last proven 2.11.4-1)",
    "systemd 262-1 (last proven never)",
  ]));

it("each part is a project of vitest, and what it stands on has a proven version", () => {
  const config = readFileSync(new URL("../../vitest.config.ts", import.meta.url), "utf8");
  for (const { project, packages } of newestParts) {
    expect(config).toContain(`"${project}"`);
    expect(Object.keys(proven)).toEqual(expect.arrayContaining([...packages]));
  }
});
