import type { GateState } from "../../../src/host/gate-client.ts";
import type { Host } from "./golden-node.ts";

/** The state that a stage's gate reports; undefined if the gate does not respond. */
export async function gateOf(host: Host, stage = "main"): Promise<GateState | undefined> {
  const socket = `/run/gate-${stage}/status.sock`;
  const asked = await host.evaluate(
    `new Promise((resolve, reject) => require("node:http").get({ socketPath: "${socket}", path: "/status" }, async (answer) => {
      let text = "";
      for await (const part of answer) text += part;
      resolve(text);
    }).on("error", reject))`,
  );
  return asked.code === 0 ? JSON.parse(asked.stdout) : undefined;
}

/** The unit whose program listens on a TCP port of the host; undefined if no program does. */
export async function listenerOn(host: Host, port: number): Promise<string | undefined> {
  const sockets = await host.succeed("ss", "--listening", "--tcp", "--no-header", "--processes", `sport = :${port}`);
  const pid = /pid=(\d+)/.exec(sockets)?.[1];
  if (pid === undefined) return undefined;
  return /([^/\n]+\.service)\s*$/.exec(await host.succeed("cat", `/proc/${pid}/cgroup`))?.[1];
}
