import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadSeed } from "../../../codegen/load/load-seed.ts";
import type { SeedValue } from "../../../codegen/schema/stage/stage.ts";
import { verb as applyVerb } from "../../../src/commands/apply.ts";
import { verb as planVerb } from "../../../src/commands/plan.ts";
import { secretNames } from "../../../src/owncast/seed/secrets.ts";
import { runVerb } from "../process/run-verb.ts";
import { everyExample, putPictures } from "./everything.ts";
import { type Reconciled, startReconciled } from "./reconciled.ts";

/** A plan's exit code, and the settings that it names. */
export interface Planned {
  readonly code: number;
  readonly names: readonly string[];
}

/** The plan for a server that matches its seed. */
export const inSync: Planned = { code: 0, names: [] };

/** An Owncast in sync with a seed that declares everything, each setting with its documented example. */
export interface InSync {
  readonly stand: Reconciled;
  readonly seed: SeedValue;
  /** The server's earlier value. */
  readonly fresh: unknown;
  reveal(name: string): string;
  plan(): Promise<Planned>;
  /** Applies. Gives the exit code, the output, the written addresses, and the plan after it. */
  mend(): Promise<{ code: number; stdout: string; writes: readonly string[]; after: Planned }>;
}

const serverUrl = "https://live.example.org";

export async function startInSync(): Promise<InSync> {
  const stand = await startReconciled();
  const fresh = await stand.admin("serverconfig");
  const folder = join(stand.folder, "everything");
  mkdirSync(folder);
  const file = join(folder, "everything.yaml");
  const stage = everyExample();
  putPictures(stage, folder);
  writeFileSync(file, stringify(stage));
  const seed = { ...(await loadSeed(file)), serverUrl };
  const reveal = (name: string): string => `https://secret.example/${name}`;
  const secrets = join(stand.folder, "secrets");
  for (const name of secretNames(seed))
    if (name !== "admin-password") writeFileSync(join(secrets, name), `${reveal(name)}\n`);
  const target = ["--seed", file, "--url", stand.proxy.url, "--secrets", secrets, "--server-url", serverUrl];
  const plan = async (): Promise<Planned> => {
    const { code, stdout, stderr } = await runVerb(planVerb, [...target, "--json"]);
    if (!stdout.startsWith("{")) throw new Error(`plan printed ${stdout}${stderr}`);
    const { changes } = JSON.parse(stdout) as { changes: readonly { path: string }[] };
    return { code, names: changes.map(({ path }) => path) };
  };
  const mend = async () => {
    stand.proxy.requests.length = 0;
    const { code, stdout } = await runVerb(applyVerb, [...target, "--state-dir", join(stand.folder, "state")]);
    const writes = stand.proxy.requests.filter((request) => !request.startsWith("GET "));
    return { code, stdout, writes, after: await plan() };
  };
  const { code, after } = await mend();
  if (code !== 0 || after.code !== 0) throw new Error(`not in sync: ${after.names}`);
  return { stand, seed, fresh, reveal, plan, mend };
}
