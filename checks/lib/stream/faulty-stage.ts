import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import type { ProbeReport } from "../../../src/probe/probe-report.ts";
import { type PlainOwncast, startPlainOwncast } from "../owncast/plain-owncast.ts";
import { testCertificates } from "../process/certificates.ts";
import { output } from "../process/output.ts";
import { type CaddyFault, type FaultyCaddy, startFaultyCaddy } from "../site/faulty-caddy.ts";

/** What a person sees: the report, and how `lectern probe` ended. */
export interface Seen {
  readonly code: number | null;
  /** Each fault as its check, after the rendition's name where it is about one; sorted. */
  readonly faults: readonly string[];
  readonly report: ProbeReport;
}

/** An Owncast that proxies with faults can be put in front of, and looked at through. */
export interface FaultyStage {
  readonly owncast: PlainOwncast;
  readonly folder: string;
  /** Puts a proxy in front, runs `lectern probe` on it as a viewer whose seed says `stage`, and takes it away again. */
  probe(fault: CaddyFault, stage: object, ...flags: string[]): Promise<Seen>;
  /** Resolves when every one of so many renditions has segments of a stream that goes on. */
  onAir(renditions: number): Promise<void>;
  stop(): Promise<void>;
}

/** An address that is no loopback address and leads nowhere but here. */
export const outerAddress = "192.0.2.1";
const url = "https://stage.test";

export async function startFaultyStage(): Promise<FaultyStage> {
  const owncast = await startPlainOwncast();
  const { network } = owncast;
  const folder = mkdtempSync(join(tmpdir(), "lectern-faulty-"));
  const ca = join(folder, "ca.crt");
  writeFileSync(ca, testCertificates.authority);
  await output(network.enter(["ip", "address", "add", `${outerAddress}/32`, "dev", "lo"]));
  let seeds = 0;
  const look = async ({ address }: FaultyCaddy, stage: object, flags: readonly string[]): Promise<Seen> => {
    const seed = join(folder, `stage-${++seeds}.yaml`);
    writeFileSync(seed, stringify(stage));
    const names = flags.includes("--url") ? ["other.test"] : ["stage.test"];
    const resolve = names.map((name) => `${name}:443:${address}`);
    const options = ["--seed", seed, "--ca", ca, "--resolve", ...resolve, "--deadline", "10", "--json"];
    const where = flags.includes("--url") ? [] : ["--url", url];
    const lectern = [process.execPath, "--import", "tsx", "src/main.ts", "probe", ...where, ...options, ...flags];
    const { code, stdout, stderr } = await output(network.enter(lectern));
    if (stdout === "") throw new Error(stderr);
    const report = JSON.parse(stdout) as ProbeReport;
    const faults = report.faults.map(({ rendition, check }) => (rendition ? `${rendition}: ${check}` : check));
    return { code, faults: faults.sort(), report };
  };
  return {
    ...{ owncast, folder },
    async probe(fault, stage, ...flags) {
      const proxy = await startFaultyCaddy(owncast, folder, fault);
      try {
        return await look(proxy, stage, flags);
      } finally {
        await proxy.stop();
      }
    },
    async onAir(renditions) {
      for (let tries = 0; !(await isOnAir(owncast, renditions)); tries++) {
        if (tries > 600) throw new Error("the stage does not come up");
        await sleep(200);
      }
    },
    async stop() {
      await owncast.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

// A stream's first seconds may still show the offline clip.
async function isOnAir({ url: address }: PlainOwncast, renditions: number): Promise<boolean> {
  const texts = await Promise.all(
    Array.from({ length: renditions }, async (_, index) => {
      const answer = await fetch(`${address}/hls/${index}/stream.m3u8`).catch(() => undefined);
      return answer?.ok ? answer.text() : "";
    }),
  );
  return texts.every((text) => /stream-.*\n(?:#.*\n)*.*stream-/.test(text) && !/offline|ENDLIST/.test(text));
}
