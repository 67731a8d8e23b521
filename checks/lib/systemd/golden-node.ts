import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Attack, startAttack } from "./attack.ts";
import type { Companion } from "./companion.ts";
import { named } from "./from-set-up.ts";
import { type Golden, install, readGolden } from "./golden-files.ts";
import { type Node, startNode } from "./node.ts";
import type { Answer } from "./node-command.ts";
import { layPrograms } from "./node-programs.ts";

/** A node that is one of the hosts with golden files. */
export interface Host extends Node {
  /** What lies on it. */
  golden: Golden;
  /** Runs `lectern` on it, as root. */
  lectern(...args: string[]): Promise<Answer>;
  /** Runs JavaScript on it that gives a promise, and prints what that resolves to. */
  evaluate(expression: string): Promise<Answer>;
  /** Somebody who knows Owncast's public defaults, at each boot from before the first unit: from outside, and on the host itself. */
  readonly attacks: readonly Companion<Attack>[];
}

export interface HostOptions {
  /** Hosts that it may be switched to: their programs are in place too. */
  readonly becomes?: readonly string[];
  /** A program to be found where Owncast is, which finds the real one at /opt/lectern/owncast. */
  readonly faultyOwncast?: string;
  /** What it is made of, if not of its golden files as they are: a host as an earlier Lectern had made it. */
  readonly made?: (golden: Golden) => Golden;
  /** Drop-ins that only the node has, by unit: for waits that are long on purpose, and that a test need not sit out. */
  readonly dropIns?: Readonly<Record<string, string>>;
}

const caddyUnit = fileURLToPath(new URL("caddy.service", import.meta.url));

// What NixOS has besides, and Debian's root file system has not.
const files: Readonly<Record<string, string>> = {
  "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
  // Nobody answers for names: the cable leads to viewers, a camera and an attacker.
  "/etc/resolv.conf": "",
  "/etc/sysusers.d/caddy.conf": 'u caddy - "Caddy" /var/lib/caddy\n',
  // NixOS makes users at each boot, not only at the first.
  "/etc/systemd/system/systemd-sysusers.service.d/always.conf": "[Unit]\nConditionNeedsUpdate=\n",
};

/**
 * Boots a host from the very bytes of its golden files, under attack, with the programs in place that it and the hosts it may
 * become name. Resolves when systemd answers; units may still be starting.
 */
export async function bootHost(
  host: string,
  { becomes = [], faultyOwncast, made = (golden) => golden, dropIns = {} }: HostOptions = {},
): Promise<Host> {
  // First what may be missing, for then there is nothing to clear up.
  named("NODE24");
  const lower = named(`ROOTFS_${named("LECTERN_SUITE").toUpperCase()}`);
  const golden = made(readGolden(host));
  const goldens = [golden, ...becomes.map(readGolden)];
  const root = mkdtempSync(join(tmpdir(), "lectern-host-"));
  install(golden, root);
  const ownDropIns = Object.entries(dropIns).map(
    ([unit, text]) => [`/etc/systemd/system/${unit}.d/node.conf`, text] as const,
  );
  for (const [path, text] of [...Object.entries(files), ...ownDropIns]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  cpSync(caddyUnit, join(root, "etc/systemd/system/caddy.service"));
  symlinkSync(
    "/etc/systemd/system/caddy.service",
    join(root, "etc/systemd/system/multi-user.target.wants/caddy.service"),
  );
  const binds = layPrograms(goldens, root, faultyOwncast);
  const attacks: Companion<Attack>[] = [];
  const node = await startNode({ lower, files: root, binds, onBoot: (it) => attacks.push(...attack(it, goldens)) });
  const program = /\S+\/bin\/lectern(?= )/.exec([...golden.values()].join("\n"))?.[0] ?? "lectern";
  return {
    ...node,
    golden,
    attacks,
    lectern: (...args) => node.run(program, ...args),
    evaluate: (expression) =>
      node.run(
        "/opt/lectern/node",
        "-e",
        `(${expression}).then(console.log, (error) => { console.error(error.message); process.exitCode = 1; })`,
      ),
  };
}

interface Declared {
  readonly owncastUrl: string;
  readonly serverUrl: string;
  readonly rtmpUrl: string;
}

function attack(node: Node, goldens: readonly Golden[]): Companion<Attack>[] {
  const declared = goldens.flatMap((golden) =>
    Object.values(JSON.parse(golden.get("etc/lectern/stages.json")?.toString() ?? "{}") as Record<string, Declared>),
  );
  const each = (pick: (stage: Declared) => string) => [...new Set(declared.map(pick))];
  // Not from the camera's address: the gate lets keys from there wait, the right one too.
  const rtmp = each(({ rtmpUrl }) => `rtmp://${node.addressForStrangers}:${new URL(rtmpUrl).port}/live`);
  const ownPorts = goldens.flatMap((golden) =>
    [...[...golden.values()].join("\n").matchAll(/ -rtmpport (\d+)$/gm)].map(([, port]) => port),
  );
  const ownRtmp = [...new Set(ownPorts)].map((port) => `rtmp://127.0.0.1:${port}/live`);
  return [
    startAttack({ web: each(({ serverUrl }) => serverUrl), address: node.address, rtmp }, node.fromOutside),
    startAttack({ web: each(({ owncastUrl }) => owncastUrl), address: node.address, rtmp: ownRtmp }, node.fromInside),
  ];
}
