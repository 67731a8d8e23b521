import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sample } from "../lib/exhaustive.ts";
import { needs } from "../lib/needs.ts";
import type { Outcome } from "../lib/process/machine.ts";
import { type GoldenFirewall, type HostsOwn, iptablesScripts, nftRuleset } from "../lib/site/nixpkgs-firewall.ts";
import {
  lacksFirewalls,
  lacksUsers,
  readGolden,
  startWalledHost,
  type Try,
  uplink,
  uplinkName,
  type WalledHost,
} from "../lib/site/walled-host.ts";

// Lectern's part of nixpkgs' firewall on the golden host with two stages, under the real programs.
const golden = readGolden<GoldenFirewall>("checks/golden/two/firewall.json");
const users = { "gate-main": 4101, "gate-second": 4102, "lectern-main": 4103, visitor: 4104 };
const web = [80, 443];
const everybodys = 1935;
const restricted = 1936;
const owncasts = 19350;
const secondOwncasts = 19351;
const unopened = 5432;
const owncastsWeb = 8080;
const ports = [...web, everybodys, restricted, owncasts, secondOwncasts, unopened, owncastsWeb];

type Backend = "iptables" | "iptables-legacy" | "nftables";
const lacking = lacksFirewalls();
const firewalls = needs(!lacking, lacking ?? "");
const lackingUsers = lacksUsers();
const everyUser = needs(!lacking && !lackingUsers, lackingUsers ?? lacking ?? "");

const outside = Object.entries(uplink).map(([from, address]) => ({ from, address }));
const to = (port: number): Try[] => outside.map((way) => ({ ...way, port }));
const onMachine = (port: number): Try[] =>
  ["127.0.0.1", "::1", ...Object.values(uplink)].map((address) => ({ address, port }));
const loaded = { code: 0, stdout: "", stderr: "" };
const all = (reached: string, tries: readonly Try[]) => tries.map(() => reached);

const backends = sample<Backend>("programs of the firewall", ["iptables", "iptables-legacy", "nftables"], 2);

describe.each<Backend>(backends)("with %s", firewalls, (backend) => {
  let host: WalledHost;

  /** Loads the firewall like its unit; resolves to the result. */
  async function load(how: "start" | "reload", own: HostsOwn = {}, firewall = golden): Promise<Outcome> {
    if (backend === "nftables") {
      host.write("ruleset", nftRuleset(firewall, own));
      return host.run("nft -f ruleset");
    }
    const { start, stop, reload } = iptablesScripts(firewall, own);
    for (const [name, text] of Object.entries({ start, stop, reload })) host.write(name, text);
    return host.run(`START=start STOP=stop bash -e ${how}`);
  }
  const listing = async () => {
    const list =
      backend === "nftables"
        ? "nft list ruleset"
        : "for v in iptables ip6tables; do for t in mangle filter; do $v -t $t -S; done; done";
    return (await host.run(list)).stdout;
  };

  beforeAll(async () => {
    host = await startWalledHost(ports, { legacy: backend === "iptables-legacy" });
    host.setUsers(users);
    expect(await host.fromOutside(to(unopened))).toEqual(all("open", to(unopened)));
    expect(await load("start")).toEqual(loaded);
  });
  afterAll(() => host?.stop());

  /** From outside, over every address: the result for each port, or all results if they differ. */
  async function fromOutside(...of: number[]): Promise<Record<number, string>> {
    const reached = await host.fromOutside(of.flatMap(to));
    return Object.fromEntries(
      of.map((port, index) => {
        const answers = new Set(reached.slice(index * outside.length, (index + 1) * outside.length));
        return [port, [...answers].join(", ")];
      }),
    );
  }

  test("a port stays closed by default; the web's and the open stage's ports are open", async () => {
    expect(await fromOutside(...web, everybodys, unopened, owncastsWeb)).toEqual({
      80: "open",
      443: "open",
      [everybodys]: "open",
      [unopened]: "silent",
      [owncastsWeb]: "silent",
    });
  });

  test("cameras reach a restricted stage from its networks alone, by IPv4 and by IPv6", async () => {
    const reached = await host.fromOutside(to(restricted));
    expect(Object.fromEntries(outside.map(({ from }, index) => [from, reached[index]]))).toEqual({
      "10.9.0.2": "open",
      "192.0.2.2": "silent",
      "fd00:9::2": "open",
      "2001:db8:9::2": "silent",
    });
  });

  test("Owncast's own port is closed from outside, whatever the host itself accepts", async () => {
    const own = {
      trustedInterfaces: [uplinkName],
      allowedTCPPorts: [owncasts, secondOwncasts],
      commands: "ip46tables -I INPUT -j ACCEPT\nip46tables -I nixos-fw -j ACCEPT",
      inputRules: "accept",
    };
    expect(await load("reload", own)).toEqual(loaded);
    expect(await fromOutside(unopened, owncasts, secondOwncasts)).toEqual({
      [unopened]: "open",
      [owncasts]: "silent",
      [secondOwncasts]: "silent",
    });
    if (backend !== "nftables") await host.run("iptables -D INPUT -j ACCEPT; ip6tables -D INPUT -j ACCEPT");
    expect(await load("reload")).toEqual(loaded);
    expect(await fromOutside(unopened)).toEqual({ [unopened]: "silent" });
  });

  test("on the machine only the stage's gate reaches Owncast's own port", everyUser, async () => {
    const tries = [...onMachine(owncasts), ...onMachine(secondOwncasts)];
    const gates: Readonly<Record<number, number>> = {
      [users["gate-main"]]: owncasts,
      [users["gate-second"]]: secondOwncasts,
    };
    const found = [0, ...Object.values(users)].map(async (uid) => {
      const expected = tries.map(({ port }) => (gates[uid] === port ? "open" : "refused"));
      expect({ uid, reached: await host.asUser(uid, tries) }).toEqual({ uid, reached: expected });
    });
    await Promise.all(found);
    // All users can still make other connections.
    expect(await host.asUser(users.visitor, onMachine(unopened))).toEqual(all("open", onMachine(unopened)));
  });

  test("a reload removes all old rules", async () => {
    const fresh = await listing();
    const moved = JSON.parse(JSON.stringify(golden).replaceAll(`${owncasts}`, "19360"));
    expect(await load("reload", {}, moved)).toEqual(loaded);
    expect(await listing()).not.toContain(`${owncasts}`);
    expect(await load("reload")).toEqual(loaded);
    expect(await load("reload")).toEqual(loaded);
    expect(await listing()).toBe(fresh);
  });

  test("a firewall that fails to reload leaves Owncast's own port closed", async () => {
    const wrong = {
      commands: "iptables -A nixos-fw -s 192.0.2.0/40 -j ACCEPT",
      inputRules: "ip saddr 192.0.2.0/40 accept",
    };
    expect(await load("reload", wrong)).not.toMatchObject({ code: 0 });
    expect(await fromOutside(owncasts)).toEqual({ [owncasts]: "silent" });
    expect(await host.asUser(0, onMachine(owncasts))).toEqual(all("refused", onMachine(owncasts)));
    expect(await load("reload")).toEqual(loaded);
  });

  if (backend === "nftables")
    test("the build checks the rules without the gate's user", async () => {
      host.setUsers({});
      host.write("ruleset.conf", nftRuleset(golden));
      const check = "nft --check --file ruleset.conf";
      expect(await host.run(check)).toMatchObject({ code: 1, stderr: expect.stringContaining("User does not exist") });
      expect(await host.run(`${golden.nftables.preCheckRuleset} ${check}`)).toEqual(loaded);
      host.setUsers(users);
    });
  else {
    test("if one of Lectern's lines fails, every other port stays closed", async () => {
      const { extraCommands } = golden.iptables;
      const withWrong = (commands: string) => ({
        ...golden,
        iptables: { ...golden.iptables, extraCommands: commands },
      });
      // An earlier Lectern accepted this typo, and the script ended before its hook.
      const typo = extraCommands.replaceAll("10.0.0.0/8", "192.0.2.0/40");
      expect(await load("reload", {}, withWrong(typo.replaceAll(" || true", "")))).toMatchObject({ code: 1 });
      expect(await fromOutside(unopened)).toEqual({ [unopened]: "open" });
      expect(await load("reload", {}, withWrong(typo))).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("40"),
      });
      expect(await fromOutside(unopened)).toEqual({ [unopened]: "silent" });
      expect(await load("reload")).toEqual(loaded);
    });

    test("before the gate's user exists, nobody reaches Owncast's own port", async () => {
      host.setUsers({ visitor: users.visitor });
      expect(await load("reload")).toMatchObject({ code: 0, stderr: expect.stringContaining("gate-main") });
      expect(await fromOutside(unopened, owncasts)).toEqual({ [unopened]: "silent", [owncasts]: "silent" });
      expect(await host.asUser(0, onMachine(owncasts))).toEqual(all("refused", onMachine(owncasts)));
      host.setUsers(users);
      expect(await load("reload")).toEqual(loaded);
    });
  }
});
