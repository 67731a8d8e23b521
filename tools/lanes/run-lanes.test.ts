import { describe, expect, it } from "vitest";
import { fakeMachine } from "../../checks/lib/process/fake-machine.ts";
import { Interrupted, SetupError, Unavailable } from "../process/errors.mjs";
import { nothing } from "./counts.mjs";
import type { Lane } from "./lanes.mjs";
import { type Means, runLanes } from "./run-lanes.mjs";

const lane = (name: string, changes: Partial<Lane> = {}): Lane => ({
  name,
  needs: ["npm"],
  obstacle: () => undefined,
  ...changes,
});
const unit = lane("unit");
const flake = lane("flake", { obstacle: () => ({ reason: "Nix was not found", command: "apt-get install nix-bin" }) });
const media = lane("media", { needs: ["npm", "ffmpeg"] });
const e2e = lane("e2e", { needs: ["npm", "ffmpeg", "owncast"] });

/** Stand-ins for which each lane passes one test. Keeps what is printed and which lanes run. */
function means(changes: Partial<Means> = {}) {
  const said: string[] = [];
  const ran: string[] = [];
  const run: Means["run"] = async (names) => {
    ran.push(...names);
    return names.map((name) => ({ name, ...nothing, passed: 1 }));
  };
  const all: Means = {
    machine: fakeMachine([]),
    missing: () => undefined,
    provision: async () => ({}),
    run,
    say: (line) => said.push(line),
    ...changes,
  };
  return { all, said, ran };
}
const counts = (results: Awaited<ReturnType<typeof runLanes>>) =>
  results.map(({ name, passed, failed, skipped }) => [name, passed, failed, skipped]);

describe("runLanes", () => {
  it("says in one line which lane cannot run and how to enable it, and counts it as skipped", async () => {
    const { all, said, ran } = means();
    expect(counts(await runLanes([unit, flake, e2e], [], all))).toEqual([
      ["unit", 1, 0, 0],
      ["flake", 0, 0, 1],
      ["e2e", 1, 0, 0],
    ]);
    expect({ said, ran }).toEqual({
      said: ["flake: cannot run here: Nix was not found → apt-get install nix-bin"],
      ran: ["unit", "e2e"],
    });
  });

  it("fails a required lane that cannot run", async () => {
    const [result] = await runLanes([flake], [flake], means().all);
    expect(result).toMatchObject({
      failed: 1,
      skipped: 0,
      notes: [expect.stringMatching(/LANES_REQUIRED .*apt-get install nix-bin/)],
    });
  });

  it("fails a required lane that ran without a passed test", async () => {
    const run: Means["run"] = async (names) =>
      names.map((name) => ({ name, ...nothing, skipped: 3, notes: ["moved"] }));
    const [other, newest] = await runLanes([unit, e2e], [e2e], means({ run }).all);
    expect(newest).toMatchObject({ failed: 1, notes: [expect.stringContaining("LANES_REQUIRED"), "moved"] });
    expect(other).toMatchObject({ failed: 0, skipped: 3, notes: ["moved"] });
  });

  it("skips a lane whose needs are not available, fails it if it is required, and runs the others", async () => {
    const provision: Means["provision"] = async (needs) => {
      if (needs.includes("ffmpeg")) throw new Unavailable("no network", "mend the network");
      return {};
    };
    const { all, said } = means({ provision });
    expect(counts(await runLanes([unit, media], [], all))).toEqual([
      ["unit", 1, 0, 0],
      ["media", 0, 0, 1],
    ]);
    expect(said).toContain("media: cannot run here: no network → mend the network");
    const [, required] = await runLanes([unit, media], [media], all);
    expect(required).toMatchObject({ failed: 1, skipped: 0, notes: [expect.stringContaining("mend the network")] });
  });

  it("skips a lane if only a person can install its needs", async () => {
    const missing = ({ name }: Lane) => (name === "e2e" ? { reason: "no Go", command: "install Go" } : undefined);
    expect(counts(await runLanes([unit, e2e], [], means({ missing }).all))).toEqual([
      ["unit", 1, 0, 0],
      ["e2e", 0, 0, 1],
    ]);
  });

  it("puts a result that belongs to no lane after the lanes", async () => {
    const run: Means["run"] = async (names) =>
      ["outside tests", ...names].map((name) => ({ name, ...nothing, failed: 1 }));
    expect(counts(await runLanes([unit, flake, e2e], [], means({ run }).all))).toEqual([
      ["unit", 0, 1, 0],
      ["flake", 0, 0, 1],
      ["e2e", 0, 1, 0],
      ["outside tests", 0, 1, 0],
    ]);
  });

  it("sets up once, for the lanes that run", async () => {
    const asked: unknown[] = [];
    const provision: Means["provision"] = async (needs) => {
      asked.push(needs);
      return {};
    };
    await runLanes([unit, { ...flake, needs: ["npm", "caddy"] }, e2e], [], means({ provision }).all);
    expect(asked).toEqual([["ffmpeg", "npm", "owncast"]]);
  });

  it("still runs the lanes that need no servers when the servers cannot be made", async () => {
    const provision: Means["provision"] = async (needs) => {
      if (needs.includes("owncast")) throw new SetupError("go build: exit code 1\n  | …", "set OWNCAST");
      return {};
    };
    const { all, said } = means({ provision });
    const results = await runLanes([unit, media, e2e], [], all);
    expect(counts(results)).toEqual([
      ["unit", 1, 0, 0],
      ["media", 1, 0, 0],
      ["e2e", 0, 1, 0],
    ]);
    expect(results[2]?.notes).toEqual(["the set-up failed: go build: exit code 1"]);
    expect(said).toEqual([expect.stringContaining("→ set OWNCAST")]);
  });

  it("runs nothing more once it is interrupted", async () => {
    const { all, ran } = means({ provision: () => Promise.reject(new Interrupted("SIGINT")) });
    await expect(runLanes([unit, e2e], [], all)).rejects.toThrow(Interrupted);
    expect(ran).toEqual([]);
  });
});
