import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { siteCertificates } from "../process/certificates.ts";
import { type Attack, startAttack } from "./attack.ts";
import type { Companion } from "./companion.ts";
import { named } from "./from-set-up.ts";
import { frontOf, type Golden, install, readGolden, withFront } from "./golden-files.ts";
import { type Node, startNode } from "./node.ts";
import type { Answer } from "./node-command.ts";
import { layPrograms } from "./node-programs.ts";

/** A node that is one of the hosts with golden files. */
export interface Host extends Node {
  /** Its golden files. */
  golden: Golden;
  /** Runs `lectern` on it, as root. */
  lectern(...args: string[]): Promise<Answer>;
  /** Runs a JavaScript expression on it that returns a promise, and prints the promise's result. */
  evaluate(expression: string): Promise<Answer>;
  /** Attackers that know Owncast's public defaults: one outside, one on the host. At each boot they begin before the first unit. */
  readonly attacks: readonly Companion<Attack>[];
}

export interface HostOptions {
  /** The test may switch the node to these hosts: their programs are in place too. */
  readonly becomes?: readonly (string | Golden)[];
  /** A program that replaces Owncast. It finds the real Owncast at /opt/lectern/owncast. */
  readonly faultyOwncast?: string;
  /** Changes its golden files, for a host that an earlier Lectern made. */
  readonly made?: (golden: Golden) => Golden;
  /** Files that the host's owner puts there, by path: certificates, and names that a name server would know. */
  readonly files?: Readonly<Record<string, string>>;
  /** Drop-ins for the node alone, by unit: they shorten waits that are long on purpose. */
  readonly dropIns?: Readonly<Record<string, string>>;
}

// NixOS has these, and Debian's root file system does not.
const files: Readonly<Record<string, string>> = {
  "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
  // There is no name server: the cable leads to viewers, a camera and an attacker.
  "/etc/resolv.conf": "",
  // NixOS makes users at each boot, not only at the first.
  "/etc/systemd/system/systemd-sysusers.service.d/always.conf": "[Unit]\nConditionNeedsUpdate=\n",
};

// nixpkgs' module makes the user. A host's own tool brings the certificates, and lets nginx read the keys.
const filesFor = {
  caddy: { "/etc/sysusers.d/caddy.conf": 'u caddy - "Caddy" /var/lib/caddy\n' },
  nginx: {
    "/etc/sysusers.d/nginx.conf": 'u nginx - "nginx" /var/empty\n',
    "/etc/tmpfiles.d/certificates.conf":
      "z /var/lib/certificates 0750 root nginx\nz /var/lib/certificates/*.key 0640 root nginx\n",
    "/var/lib/certificates/authority.pem": siteCertificates.authority,
    "/var/lib/certificates/one.test.pem": siteCertificates.certificate,
    "/var/lib/certificates/one.test.key": siteCertificates.key,
  },
} as const;

/**
 * Boots a host from the bytes of its golden files, under attack. The programs that it names are in place, and those of the
 * hosts that it may become. Resolves when systemd responds; units may still be starting.
 */
export async function bootHost(
  host: string,
  { becomes = [], faultyOwncast, made = (golden) => golden, files: owners = {}, dropIns = {} }: HostOptions = {},
): Promise<Host> {
  // Check first what may be missing: then there is nothing to clean up.
  named("NODE24");
  const lower = named(`ROOTFS_${named("LECTERN_SUITE").toUpperCase()}`);
  const golden = made(readGolden(host));
  const goldens = [golden, ...becomes.map((other) => (typeof other === "string" ? readGolden(other) : other))];
  const root = mkdtempSync(join(tmpdir(), "lectern-host-"));
  install(withFront(golden), root);
  const ownDropIns = Object.entries(dropIns).map(
    ([unit, text]) => [`/etc/systemd/system/${unit}.d/node.conf`, text] as const,
  );
  const ofFronts = goldens.flatMap((each) => Object.entries(filesFor[frontOf(each)]));
  for (const [path, text] of [...Object.entries(files), ...ofFronts, ...Object.entries(owners), ...ownDropIns]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const binds = layPrograms(goldens, root, faultyOwncast);
  const attacks: Companion<Attack>[] = [];
  const node = await startNode({ lower, files: root, binds, onBoot: (it) => attacks.push(...attack(it, goldens)) });
  const program = /\/nix\/\S+\/bin\/lectern(?= )/.exec([...golden.values()].join("\n"))?.[0] ?? "lectern";
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

/** A host without stages has nothing that these attackers know. */
function attack(node: Node, goldens: readonly Golden[]): Companion<Attack>[] {
  const declared = goldens.flatMap((golden) =>
    Object.values(JSON.parse(golden.get("etc/lectern/stages.json")?.toString() ?? "{}") as Record<string, Declared>),
  );
  if (declared.length === 0) return [];
  const each = (pick: (stage: Declared) => string) => [...new Set(declared.map(pick))];
  // Attack from another address than the camera's: the gate delays all keys from an attacking address, the right key too.
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
