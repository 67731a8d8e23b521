import { type Part, startPart } from "../../../src/local/part.ts";
import type { GateStatus } from "../../../src/services/gate/gate-status.ts";
import { lecternCommand } from "../process/lectern-command.ts";
import { output } from "../process/output.ts";
import type { PrivateNetwork } from "../process/private-network.ts";

/** `lectern gate` in a process of its own, in Owncast's network, on port 1936 of every address there. */
export interface GateProcess extends Part {
  status(): Promise<GateStatus>;
}

export const gatePort = 1936;
const statusPort = 1937;

export async function startGateProcess(
  network: PrivateNetwork,
  files: { readonly seedFile: string; readonly secrets: string; readonly logFile: string },
): Promise<GateProcess> {
  const flags = [
    ...["--listen", `0.0.0.0:${gatePort}`, "--owncast", "127.0.0.1:1935", "--owncast-url", "http://127.0.0.1:8080"],
    ...["--seed", files.seedFile, "--secrets", files.secrets, "--status", `127.0.0.1:${statusPort}`],
  ];
  const command = network.enter(lecternCommand("gate", ...flags));
  const part = startPart(command, { name: "the gate", logFile: files.logFile });
  const curl = ["curl", "-fsS", "-m", "5", `http://127.0.0.1:${statusPort}/status`];
  const status = async () => JSON.parse((await output(network.enter(curl))).stdout) as GateStatus;
  const untilListens = async () => {
    while (!(await status().catch(() => undefined))?.listening);
  };
  await Promise.race([untilListens(), part.died]);
  return { ...part, status };
}
