import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Golden, readGolden } from "./golden-files.ts";
import type { Host } from "./golden-node.ts";
import { type Decision, decide, fileChanges } from "./switch-decision.ts";

/**
 * Switches a running host to another host's golden files, in the order of NixOS' `switch-to-configuration switch`:
 * stop, new files, users, folders, daemon-reload, reload, restart, start. It starts active targets again: that starts the
 * inactive units that they want. Resolves to its decision when its last job is done.
 * `pauseMs` stands for the time of the activation and of the restarts of the host's other units.
 */
export async function switchTo(host: Host, other: string | Golden, { pauseMs = 0 } = {}): Promise<Decision> {
  const [from, to] = [host.golden, typeof other === "string" ? readGolden(other) : other];
  const decision = decide(from, to, await active(host, "service", "socket"));
  const systemctl = async (verb: string, units: readonly string[]) => {
    if (units.length > 0) await host.succeed("systemctl", verb, "--", ...units);
  };
  await systemctl("stop", [...decision.stop, ...decision.stopAndStart, ...decision.stopUntilAsked]);
  const { write, remove } = fileChanges(from, to);
  for (const path of [...remove, ...write.keys()]) rmSync(host.file(path), { force: true });
  for (const [path, what] of write) {
    mkdirSync(dirname(host.file(path)), { recursive: true });
    if (typeof what === "string") symlinkSync(what, host.file(path));
    else writeFileSync(host.file(path), what, { mode: 0o644 });
  }
  host.golden = to;
  await sleep(pauseMs);
  await host.succeed("systemd-sysusers");
  await host.succeed("systemctl", "daemon-reload");
  // Without NixOS' `--remove`: Debian's own rules would remove the private /tmp of running units.
  await host.succeed("systemd-tmpfiles", "--create", "--exclude-prefix=/dev");
  await systemctl("reload", decision.reload);
  await sleep(pauseMs);
  await systemctl("restart", decision.restart);
  await sleep(pauseMs);
  await systemctl("start", [...(await startable(host)), ...decision.stopAndStart]);
  return decision;
}

async function active(host: Host, ...types: readonly ("service" | "socket" | "target")[]): Promise<Set<string>> {
  const which = [`--type=${types}`, "--state=active,activating"];
  const lines = await host.succeed("systemctl", "list-units", ...which, "--plain", "--no-legend", "--full");
  return new Set(lines.split("\n").map((line) => line.split(" ")[0] ?? ""));
}

/** The active targets, without those that serve only to order other units. */
async function startable(host: Host): Promise<string[]> {
  const targets = [...(await active(host, "target"))];
  const refuses = await host.succeed("systemctl", "show", "--value", "--property=RefuseManualStart", "--", ...targets);
  const answers = refuses.split("\n").filter((line) => line !== "");
  return targets.filter((_, index) => answers[index] === "no");
}
