import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { type ProbeReport, probe } from "../media/probe.ts";
import { startPublisher } from "../media/publisher.ts";
import { caFile } from "./caddy.ts";
import type { Part } from "./part.ts";
import type { DemoRun } from "./run.ts";
export async function startCamera(run: DemoRun, seed: Seed, parts: Part[]): Promise<void> {
  console.log(join(run.dir), seed, parts, startPublisher);
}
export async function waitUntilProven(run: DemoRun, seed: Seed): Promise<ProbeReport> {
  console.log(caFile(run.caddyDir), seed);
  return probe({});
}
