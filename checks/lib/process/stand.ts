import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFile } from "../../../codegen/load/load-seed.ts";
import { findProgram } from "../../../src/lib/programs.ts";
import { type LocalStage, type StageOptions, startStage } from "../../../src/local/stage.ts";
import { setCheapPassword } from "../owncast/cheap-password.ts";
import { lecternCommand } from "./lectern-command.ts";
import { output } from "./output.ts";
import { makePrivateNetwork, type PrivateNetwork } from "./private-network.ts";

/** A stage like the demo's, but with Owncast in a network of its own: this process may be in any network. */
export interface Stand extends LocalStage {
  /** Owncast's network. */
  readonly network: PrivateNetwork;
}

export interface StandOptions extends Pick<StageOptions, "keeper" | "front"> {
  /** Secrets by name. The stand makes the missing ones. */
  readonly given?: Readonly<Record<string, string>>;
}

/** Starts it on a stage file or a seed, in a folder that it removes at its end. */
export async function startStand(seedFile: string, { given = {}, ...options }: StandOptions = {}): Promise<Stand> {
  const { seed, assets } = await loadFile(seedFile);
  const folder = mkdtempSync(join(tmpdir(), "lectern-stand-"));
  const secrets = join(folder, "secrets");
  mkdirSync(secrets, { mode: 0o700 });
  for (const [name, value] of Object.entries(given)) writeFileSync(join(secrets, name), `${value}\n`);
  const network = await makePrivateNetwork();
  const end = async () => {
    await network.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const stage = await startStage({
      ...{ seed, assets, folder, ...options },
      network: {
        enter: network.enter,
        reach: (port) => network.open(port, port),
        async configure(target) {
          const changes = await bootstrapIn(network, target);
          const { stateDir, seed, reveal } = target;
          // Tests ask the admin API often.
          setCheapPassword(join(stateDir, "data/owncast.db"), reveal(seed.access.adminPassword.secret));
          return changes;
        },
      },
    });
    const stop = async () => {
      await stage.stop();
      await end();
    };
    return { ...stage, network, stop };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Bootstrap configures only an Owncast in the network of bootstrap's own process. */
async function bootstrapIn(network: PrivateNetwork, { folder, stateDir, secretsDir }: LocalStage): Promise<string[]> {
  const files = ["--seed", join(folder, "stage.json"), "--state-dir", stateDir, "--secrets", secretsDir];
  const command = network.enter(lecternCommand("bootstrap", "--json", ...files, "--owncast", findProgram("owncast")));
  const { code, stdout, stderr } = await output(command);
  if (code !== 0) throw new Error(`the stage could not be configured:\n${stderr}`);
  return (JSON.parse(stdout) as { changes: { path: string }[] }).changes.map(({ path }) => path);
}
