import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ProbeReport } from "../../../src/probe/probe-report.ts";
import { type PlainOwncast, startPlainOwncast } from "../owncast/plain-owncast.ts";
import { testCertificates } from "../process/certificates.ts";
import { output } from "../process/output.ts";
import { startResidentLectern } from "../process/resident-lectern.ts";
import { runLectern } from "../process/run-verb.ts";
import { type CaddyFault, type FaultyCaddy, startFaultyCaddy } from "../site/faulty-caddy.ts";
import { cacheIn } from "../site/front.ts";
import { guardSite } from "../site/guarded-site.ts";
import { untilOnAir } from "./owncast-state.ts";

/** What `lectern probe` reports, and its exit code. */
export interface Seen {
  readonly code: number;
  /** The check of each fault, after the rendition's name if it concerns one. Sorted. */
  readonly faults: readonly string[];
  readonly report: ProbeReport;
}

/** A fault of nginx's configuration. */
export interface NginxFault {
  /** What replaces texts of a host's nginx.conf. */
  readonly texts?: Readonly<Record<string, string>>;
  /** The network that reaches the admin page. */
  readonly admins?: string;
}

/** An Owncast, with faulty proxies in front of it. */
export interface FaultyStage {
  readonly owncast: PlainOwncast;
  readonly folder: string;
  /** Starts a proxy, runs `lectern probe` on it with the seed `stage`, and stops it. */
  probe(fault: CaddyFault, stage: object, ...flags: string[]): Promise<Seen>;
  /** The same behind nginx, with a host's configuration. */
  probeBehindNginx(fault: NginxFault, stage: object, ...flags: string[]): Promise<Seen>;
  /** Resolves when each of so many renditions has segments of a running stream. */
  onAir(renditions: number): Promise<void>;
  stop(): Promise<void>;
}

/** An address of this machine that is not a loopback address. */
export const outerAddress = "192.0.2.1";
const url = "https://stage.test";

export async function startFaultyStage(): Promise<FaultyStage> {
  const owncast = await startPlainOwncast();
  const { network } = owncast;
  const folder = mkdtempSync(join(tmpdir(), "lectern-faulty-"));
  const ca = join(folder, "ca.crt");
  writeFileSync(ca, testCertificates.authority);
  await output(network.enter(["ip", "address", "add", `${outerAddress}/32`, "dev", "lo"]));
  const lectern = startResidentLectern(network.enter);
  let seeds = 0;
  const seedFile = (stage: object): string => {
    const seed = join(folder, `stage-${++seeds}.yaml`);
    writeFileSync(seed, stringify(stage));
    return seed;
  };
  const seenIn = ({ code, stdout }: { readonly code: number; readonly stdout: string }): Seen => {
    const report = JSON.parse(stdout) as ProbeReport;
    const faults = report.faults.map(({ rendition, check }) => (rendition ? `${rendition}: ${check}` : check));
    return { code, faults: faults.sort(), report };
  };
  const look = async ({ address }: FaultyCaddy, stage: object, flags: readonly string[]): Promise<Seen> => {
    const seed = seedFile(stage);
    const names = flags.includes("--url") ? ["other.test"] : ["stage.test"];
    const resolve = names.map((name) => `${name}:443:${address}`);
    const options = ["--seed", seed, "--ca", ca, "--resolve", ...resolve, "--deadline", "10", "--json"];
    const where = flags.includes("--url") ? [] : ["--url", url];
    return seenIn(await lectern.run(["probe", ...where, ...options, ...flags]));
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
    async probeBehindNginx({ texts = {}, admins }, stage, ...flags) {
      const choice = { front: "nginx", host: "one", site: "one.test", texts: { nginx: texts } } as const;
      const site = await guardSite(owncast, { ...choice, ...(admins === undefined ? {} : { admins }) });
      try {
        // No keeper here, as with Caddy.
        const cache = join(cacheIn(site.folder), "main");
        mkdirSync(cache, { recursive: true });
        for (const name of ["hls", "hls-kept"]) symlinkSync(owncast.hlsDir, join(cache, name));
        const where = [
          "--url",
          site.origin,
          "--ca",
          site.caFile,
          "--resolve",
          `one.test:${site.target.port}:127.0.0.1`,
        ];
        const options = ["--seed", seedFile(stage), "--deadline", "10", "--json"];
        return seenIn(await runLectern(["probe", ...where, ...options, ...flags]));
      } finally {
        await site.stop();
      }
    },
    onAir: (renditions) => untilOnAir(owncast.url, renditions),
    async stop() {
      await lectern.stop();
      await owncast.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
