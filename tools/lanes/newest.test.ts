import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { proven } from "../rootfs/versions.mjs";
import { type Counts, nothing } from "./counts.mjs";
import { judge, judgeNewest, movesOf, type NewestMeans, newestParts, tryNewest } from "./newest.mjs";

const green: Counts = { ...nothing, passed: 3, seconds: 1 };
const red: Counts = { ...nothing, passed: 2, failed: 1, notes: ["a.test.ts: holds (Error: it does not)"] };
const known = { systemd: "262-1", caddy: "2.11.4-1", "nix-bin": "2.34.8-1", libc6: "2.42-5" };

/** Runs the lane with stand-ins; all parts have the same counts. Keeps what the lane prints and runs. */
async function run(counts: Counts, changes: Partial<NewestMeans> = {}) {
  const said: string[] = [];
  const ran: string[] = [];
  const say = (line: string) => said.push(line);
  const parts = await tryNewest({ installed: known, proven: known, canary: async () => undefined, say, ...changes });
  const countsOf = (project: string) => {
    ran.push(project);
    return counts;
  };
  return { said, ran, result: judgeNewest(parts, countsOf, say) };
}

describe("the newest lane", () => {
  it("adds up its parts, and prints the versions that each part depends on", async () => {
    const { result, said, ran } = await run(green);
    expect(result).toEqual({ ...nothing, passed: 9, seconds: 3 });
    expect(ran).toEqual(["newest-caddy", "newest-nix", "newest-systemd"]);
    expect(said[0]).toBe("newest-caddy: caddy 2.11.4-1, libc6 2.42-5");
  });

  it("fails if a part fails with the proven versions", async () =>
    expect((await run(red)).result).toMatchObject({
      ...{ passed: 6, failed: 3, skipped: 0 },
      notes: newestParts.map(({ project }) => `${project}: ${red.notes[0]}`),
    }));

  it("skips a part that fails with new versions of forky, names the versions, and still fails for other parts", async () => {
    const { failed, skipped, notes } = (await run(red, { installed: { ...known, systemd: "263-1" } })).result;
    expect({ failed, skipped }).toEqual({ failed: 2, skipped: 1 });
    expect(notes).toContainEqual(
      expect.stringMatching(/^newest-systemd: forky has moved: systemd 263-1 \(last proven 262-1\); 1 failed with it/),
    );
    expect(notes).toContain(`newest-systemd: ${red.notes[0]}`);
  });

  it("asks a person to add the new versions if the tests pass with them", async () => {
    const { result, said } = await run(green, { installed: { ...known, caddy: "2.12.0-1" } });
    expect(result).toMatchObject({ failed: 0, skipped: 0, notes: [] });
    expect(said).toContainEqual(
      expect.stringMatching(/^newest-caddy: passes .*proven\.json: caddy 2\.12\.0-1 \(last proven 2\.11\.4-1\)$/),
    );
  });

  it("skips a part if forky's own program does not work without Lectern, and judges the other parts", async () => {
    const canary: NewestMeans["canary"] = async (project) =>
      project === "newest-nix" ? "nix: no such file" : undefined;
    const { result, ran } = await run(green, { canary });
    expect(result).toMatchObject({
      ...{ passed: 6, failed: 0, skipped: 1 },
      notes: ["newest-nix: forky's own programs do not work here: nix: no such file"],
    });
    expect(ran).toEqual(["newest-caddy", "newest-systemd"]);
  });
});

describe("the judgment of a part", () => {
  const moves = ["caddy 2.12.0-1 (last proven 2.11.4-1)"];
  it.each([
    { claim: "passes if the tests pass with the proven versions", counts: green, moves: [], failed: 0, skipped: 0 },
    { claim: "passes if the tests pass with new versions", counts: green, moves, failed: 0, skipped: 0 },
    { claim: "fails if the tests fail with the proven versions", counts: red, moves: [], failed: 1, skipped: 0 },
    { claim: "skips if the tests fail with new versions", counts: red, moves, failed: 0, skipped: 1 },
  ])("$claim", ({ counts, moves, failed, skipped }) =>
    expect(judge(counts, moves)).toMatchObject({ passed: counts.passed, failed, skipped }),
  );
});

it("an added or removed package counts as a new version", () =>
  expect(movesOf(["caddy", "systemd"], { systemd: "262-1" }, { caddy: "2.11.4-1" })).toEqual([
    "caddy (none) (last proven 2.11.4-1)",
    "systemd 262-1 (last proven never)",
  ]));

it("each part is a project of vitest, and each of its packages has a proven version", () => {
  const config = readFileSync(new URL("../../vitest.config.ts", import.meta.url), "utf8");
  for (const { project, packages } of newestParts) {
    expect(config).toContain(`"${project}"`);
    expect(Object.keys(proven)).toEqual(expect.arrayContaining([...packages]));
  }
});
