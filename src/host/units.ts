import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import type { HostStage } from "./installed-stages.ts";

/** The state of one unit of a stage. */
export interface UnitState {
  /** Its role in the stage: `server`, `config`, … */
  readonly role: string;
  readonly unit: string;
  /** systemd's words: `active`, `failed`, …, and more exactly `running`, `exited`, `dead`. */
  readonly active: string;
  readonly sub: string;
  readonly isWell: boolean;
}

/** The states of a stage's units; undefined where systemd does not run, or does not answer. */
export async function readUnits({ units = {} }: HostStage): Promise<UnitState[] | undefined> {
  const names = Object.values(units);
  if (names.length === 0 || !existsSync("/run/systemd/system")) return undefined;
  const show = ["show", "--property=Id,LoadState,ActiveState,SubState", ...names];
  const { stdout } = await promisify(execFile)("systemctl", show, { timeout: 10_000 }).catch(() => ({ stdout: "" }));
  return stdout === "" ? undefined : parseUnits(units, stdout);
}

/** Reads the output of `systemctl show` about several units, a block each. Pure. */
export function parseUnits(units: NonNullable<HostStage["units"]>, text: string): UnitState[] {
  const blocks = text.split(/\n\n+/).map((block) => new Map(block.split("\n").map((line) => splitOnce(line))));
  return Object.entries(units).map(([role, unit]) => {
    const block = blocks.find((one) => one.get("Id") === unit);
    const isThere = block !== undefined && block.get("LoadState") === "loaded";
    const active = isThere ? (block.get("ActiveState") ?? "unknown") : "not installed";
    // Server and gate have to run; the others do their work and rest.
    const hasToRun = role === "server" || role === "gate";
    const isWell = isThere && active !== "failed" && (!hasToRun || active === "active");
    return { role, unit, active, sub: block?.get("SubState") ?? "", isWell };
  });
}

const splitOnce = (line: string): [string, string] => {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
};
