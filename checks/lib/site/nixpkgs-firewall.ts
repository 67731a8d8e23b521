/** Lectern's part of a host's firewall, from checks/golden/<host>/firewall.json. */
export interface GoldenFirewall {
  readonly iptables: Opened & { readonly extraCommands: string };
  readonly nftables: Opened & {
    readonly extraInputRules: string;
    readonly preCheckRuleset: string;
    readonly tables: Readonly<Record<string, { readonly family: string; readonly content: string }>>;
  };
}

interface Opened {
  readonly allowedTCPPorts: readonly number[];
  readonly allowedUDPPorts: readonly number[];
}

/** The host's own part. */
export interface HostsOwn {
  readonly trustedInterfaces?: readonly string[];
  readonly allowedTCPPorts?: readonly number[];
  /** Lines of `networking.firewall.extraCommands`, before Lectern's. */
  readonly commands?: string;
  /** Lines of `networking.firewall.extraInputRules`. */
  readonly inputRules?: string;
}

const both = `ip46tables() {
  iptables -w "$@"
  ip6tables -w "$@"
}`;

/** The scripts of nixpkgs' `firewall.service`: the same commands in the same order, each script with `-e`. Without rpfilter and logs. */
export function iptablesScripts({ iptables }: GoldenFirewall, own: HostsOwn = {}) {
  const accept = (match: string) => `ip46tables -A nixos-fw ${match} -j nixos-fw-accept`;
  const start = `set -e
${both}
ip46tables -D INPUT -j nixos-fw 2> /dev/null || true
for chain in nixos-fw nixos-fw-accept nixos-fw-log-refuse nixos-fw-refuse; do
  ip46tables -F "$chain" 2> /dev/null || true
  ip46tables -X "$chain" 2> /dev/null || true
done
ip46tables -N nixos-fw-accept
ip46tables -A nixos-fw-accept -j ACCEPT
ip46tables -N nixos-fw-refuse
ip46tables -A nixos-fw-refuse -j DROP
ip46tables -N nixos-fw-log-refuse
ip46tables -A nixos-fw-log-refuse -j nixos-fw-refuse
ip46tables -N nixos-fw
${["lo", ...(own.trustedInterfaces ?? [])].map((name) => accept(`-i ${name}`)).join("\n")}
${accept("-m conntrack --ctstate ESTABLISHED,RELATED")}
${[...(own.allowedTCPPorts ?? []), ...iptables.allowedTCPPorts].map((port) => accept(`-p tcp --dport ${port}`)).join("\n")}
${iptables.allowedUDPPorts.map((port) => accept(`-p udp --dport ${port}`)).join("\n")}
ip6tables -A nixos-fw -p icmpv6 -j nixos-fw-accept
${own.commands ?? ""}
${iptables.extraCommands}
ip46tables -A nixos-fw -j nixos-fw-log-refuse
ip46tables -A INPUT -j nixos-fw
`;
  const stop = `set -e
${both}
ip46tables -D INPUT -j nixos-drop 2> /dev/null || true
ip46tables -D INPUT -j nixos-fw 2> /dev/null || true
`;
  const reload = `set -e
${both}
ip46tables -D INPUT -j nixos-drop 2> /dev/null || true
ip46tables -F nixos-drop 2> /dev/null || true
ip46tables -X nixos-drop 2> /dev/null || true
ip46tables -N nixos-drop
ip46tables -A nixos-drop -j DROP
ip46tables -A INPUT -j nixos-drop
if bash -e "$START"; then
  ip46tables -D INPUT -j nixos-drop 2> /dev/null || true
else
  bash -e "$STOP"
  exit 1
fi
`;
  return { start, stop, reload };
}

// nft refuses an empty set.
const acceptOf = (protocol: "tcp" | "udp", ports: readonly number[]): string =>
  ports.length === 0 ? "" : `${protocol} dport { ${ports.join(", ")} } accept`;

/** The file that nixpkgs' `nftables.service` loads at its start and at each reload. */
export function nftRuleset({ nftables }: GoldenFirewall, own: HostsOwn = {}): string {
  const ports = [...(own.allowedTCPPorts ?? []), ...nftables.allowedTCPPorts];
  const interfaces = ["lo", ...(own.trustedInterfaces ?? [])].map((name) => `"${name}"`);
  const tables = {
    ...nftables.tables,
    "nixos-fw": {
      family: "inet",
      content: `
chain input {
  type filter hook input priority filter; policy drop;
  iifname { ${interfaces.join(", ")} } accept
  ct state vmap { invalid : drop, established : accept, related : accept, new : jump input-allow, untracked : jump input-allow }
}
chain input-allow {
  ${acceptOf("tcp", ports)}
  ${acceptOf("udp", nftables.allowedUDPPorts)}
  icmpv6 type != { nd-redirect, 139 } accept
  ${own.inputRules ?? ""}
  ${nftables.extraInputRules}
}`,
    },
  };
  return Object.entries(tables)
    .map(([name, { family, content }]) => {
      const table = `table ${family} ${name}`;
      return `${table}\ndelete ${table}\n${table} {\n${content}\n}\n`;
    })
    .join("");
}
