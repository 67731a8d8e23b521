import { expect } from "vitest";
import { frontOf } from "./golden-files.ts";
import type { Host } from "./golden-node.ts";
import { until } from "./node-command.ts";
import { declared, faultsFor, type StageView } from "./node-stage.ts";
import type { Watch } from "./watching-player.ts";

/** The value of one property of a unit, from `systemctl show`. */
export const property = (host: Host, unit: string, name: string): Promise<string> =>
  host.succeed("systemctl", "show", "--value", "--property", name, unit);

/** An id that differs for each run of a unit. */
export const runOf = (host: Host, unit: string): Promise<string> => property(host, unit, "InvocationID");

/** Waits until no unit is starting any more. Rejects with the end of the journal after a time-out. */
export async function settled(host: Host): Promise<void> {
  await until("nothing is starting any more", async () => {
    const jobs = await host.succeed("systemctl", "list-jobs", "--plain", "--no-legend");
    return jobs === "" || /^No jobs/.test(jobs);
  }).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await host.succeed("journalctl", "--quiet", "--no-pager", "--lines=60")}`);
  });
}

// The units of a stage that are always active, by their purpose. A host from before the gate has no gate.
const lasting = ["bootstrap", "server", "config", "keeper", "gate", "gateKeys", "viewers", "rehearsal"];

/** The stage's units are active, no unit of the host has failed, and the server matches its seed. */
export async function expectAllWell(host: Host, stage = "main"): Promise<void> {
  await settled(host);
  expect(await failures(host)).toBe("");
  const units = [...lasting.flatMap((role) => declared(host, stage).units[role] ?? []), frontOf(host.golden)];
  const { stdout } = await host.run("systemctl", "is-active", ...units);
  expect(stdout).toBe("active\n".repeat(units.length));
  const plan = await host.lectern("plan", stage);
  expect(plan, plan.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("no changes") });
}

/** The failed units, each with its last log lines; empty if none has failed. */
export async function failures(host: Host): Promise<string> {
  const lines = await host.succeed("systemctl", "list-units", "--failed", "--plain", "--no-legend");
  const units = lines.split("\n").flatMap((line) => line.split(" ")[0] || []);
  const said = units.map((unit) => host.succeed("journalctl", "--quiet", "--no-pager", "--lines=20", `--unit=${unit}`));
  return (await Promise.all(said)).join("\n");
}

/** Ends the attack on the host: the host responded to it, and never let it in. */
export async function expectNeverLetIn(host: Host): Promise<void> {
  const results = await Promise.all(host.attacks.map((attack) => attack.end()));
  for (const { admin, ingest } of results)
    expect({ admin: admin.won, ingest: ingest.won }).toEqual({ admin: 0, ingest: 0 });
  const answered = (kind: "admin" | "ingest") => results.reduce((sum, result) => sum + result[kind].answered, 0);
  expect(answered("admin")).toBeGreaterThan(3);
  expect(answered("ingest")).toBeGreaterThan(3);
}

/** A viewer finds no fault at a stage. If there are some, the failure's text has them whole. */
export async function expectNoFaults(host: Host, stage: StageView): Promise<void> {
  expectNone(await faultsFor(host, stage));
}

/** There are no faults. The failure's text has them whole; without this it would have only their number. */
export function expectNone(faults: readonly unknown[]): void {
  expect(faults, JSON.stringify(faults)).toEqual([]);
}

/** A player continued, without a fault, from one stream of Owncast to the next, over one discontinuity. */
export function expectOneDrop({ sessions, faults }: Watch): void {
  expectNone(faults);
  const [first = Number.NaN] = sessions;
  expect(sessions).toEqual([first, first + 1]);
}
