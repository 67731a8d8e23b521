import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSeed } from "../../../codegen/load/load-seed.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { freePort } from "../../../src/lib/free-port.ts";
import { findProgram } from "../../../src/lib/programs.ts";
import { caFile } from "../../../src/local/local-caddy.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../../../src/local/network.ts";
import type { Part } from "../../../src/local/part.ts";
import type { DemoRun } from "../../../src/local/run.ts";
import { bootstrapInside, startCaddy, startKeeper, startOwncast } from "../../../src/local/servers.ts";
import { makeSecrets, readSecrets } from "../../../src/owncast/seed/secrets.ts";

/** Owncast and Caddy as the demo runs them, but each to be stopped by the test. */
export interface Stand {
  readonly run: DemoRun;
  readonly seed: Seed;
  readonly secrets: string;
  readonly reveal: (name: string) => string;
  /** Owncast's own address. */
  readonly owncastUrl: string;
  readonly page: string;
  readonly caFile: string;
  readonly parts: Part[];
  /** Owncast's network. */
  readonly network: PrivateNetwork;
  part(name: string): Part;
  stop(): Promise<void>;
}

export interface StandOptions {
  /** Secrets that are given, by name; others are made. */
  readonly given?: Readonly<Record<string, string>>;
  /** Starts another playlist keeper than the demo's, and says where it listens. */
  readonly keeper?: typeof startKeeper;
}

/** Starts it on a stage file or a seed. */
export async function startStand(
  seedFile: string,
  { given = {}, keeper = startKeeper }: StandOptions = {},
): Promise<Stand> {
  const dir = mkdtempSync(join(tmpdir(), "lectern-stand-"));
  const caddyDir = join(dir, "caddy");
  mkdirSync(caddyDir);
  const ports = {
    https: await freePort(),
    rtmp: await freePort(),
    admin: await freePort(),
    owncast: await freePort(),
  };
  const programs = { owncast: findProgram("owncast"), caddy: findProgram("caddy"), ffmpeg: findProgram("ffmpeg") };
  const run: DemoRun = {
    seedFile,
    dir,
    caddyDir,
    ports,
    once: false,
    camera: true,
    json: false,
    verbose: false,
    user: "test",
    programs,
  };
  const seed = await loadSeed(seedFile);
  const secrets = join(dir, "secrets");
  mkdirSync(secrets, { mode: 0o700 });
  for (const [name, value] of Object.entries(given)) writeFileSync(join(secrets, name), `${value}\n`);
  await makeSecrets(seed, secrets);
  const network = await makePrivateNetwork();
  const parts: Part[] = [network];
  const stop = async () => {
    for (const part of [...parts].reverse()) await part.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await bootstrapInside(run, network, new AbortController().signal);
    await startOwncast(run, network, parts);
    await startCaddy(run, await keeper(run, parts), parts);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    run,
    seed,
    secrets,
    reveal: await readSecrets(seed, secrets),
    owncastUrl: `http://127.0.0.1:${ports.owncast}`,
    page: `https://localhost:${ports.https}`,
    caFile: caFile(caddyDir),
    parts,
    network,
    part: (name) => parts.find((part) => part.name === name) as Part,
    stop,
  };
}
