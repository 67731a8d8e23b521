import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { needs } from "../lib/needs.ts";

const golden = "checks/golden";
const hosts = readdirSync(golden);
const unitsOf = (host: string) => readdirSync(join(golden, host, "units")).filter((name) => name.endsWith(".service"));
const socketsOf = (host: string) => readdirSync(join(golden, host, "units")).filter((name) => name.endsWith(".socket"));
const textOf = (host: string, unit: string) => readFileSync(join(golden, host, "units", unit), "utf8");

const version = Number(
  /^systemd (\d+)/.exec(spawnSync("systemd-analyze", ["--version"], { encoding: "utf8" }).stdout)?.[1],
);
// The parts of upstream's unit, which nixpkgs uses unchanged, that a drop-in changes.
const caddyUnit = `[Unit]
Description=Caddy
[Service]
Type=notify
User=caddy
Group=caddy
ExecStart=/bin/true
LimitNOFILE=1048576
PrivateTmp=true
ProtectSystem=full
AmbientCapabilities=CAP_NET_ADMIN CAP_NET_BIND_SERVICE
NoNewPrivileges=true
PrivateDevices=true
ProtectHome=true
`;

const folder = mkdtempSync(join(tmpdir(), "lectern-units-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The unit as this machine can check it: missing programs become `true`; settings too new for its systemd are left out. */
const judged = (text: string): string =>
  text
    .replace(/^(Exec\w+=)\/nix\/store\/\S+/gm, "$1/bin/true")
    .replace(/^RestartMode=.*\n/gm, version < 254 ? "" : "$&");

/** systemd's complaints about the units of one host, checked together. */
function verify(units: Readonly<Record<string, string>>): string {
  const home = mkdtempSync(join(folder, "host-"));
  for (const [name, text] of Object.entries(units)) writeFileSync(join(home, name), judged(text));
  const files = Object.keys(units).map((name) => join(home, name));
  const { stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...files], {
    encoding: "utf8",
    env: { ...process.env, SYSTEMD_UNIT_PATH: `${home}:` },
  });
  return stdout + stderr;
}

/** The exposure of a unit: 0 is the safest value, 10 the least safe one. */
function exposure(name: string, text: string): number {
  const file = join(folder, name);
  writeFileSync(file, judged(text));
  const output = execFileSync("systemd-analyze", ["security", "--offline=true", "--no-pager", file], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return Number(/exposure level for .*: ([\d.]+)/.exec(output)?.[1]);
}

describe("golden units", needs(!Number.isNaN(version), "systemd-analyze → apt-get install systemd"), () => {
  it.each(hosts)("of %s pass systemd's check", (host) => {
    const units = Object.fromEntries([...unitsOf(host), ...socketsOf(host)].map((unit) => [unit, textOf(host, unit)]));
    // An edge has no stage.
    expect(Object.keys(units).length).toBeGreaterThanOrEqual(host === "edge" ? 1 : 5);
    expect(verify(units)).toBe("");
  });

  it("fail the check if they contain a word that systemd does not know", () => {
    expect(verify({ "a.service": "[Service]\nExecStart=/bin/true\nProtectHoem=true\n" })).toContain("ProtectHoem");
  });

  it.each(["two", "live"])("of %s each have an exposure of at most 2.0 of 10", (host) => {
    const scores = unitsOf(host).map((unit) => [unit, exposure(unit, textOf(host, unit))] as const);
    expect(scores.filter(([, score]) => !(score <= 2))).toEqual([]);
  });

  it("give Caddy an exposure of at most 2.0 with the drop-in, and far more without it", () => {
    const dropIn = textOf("one", "caddy.service.d/overrides.conf");
    expect(exposure("caddy.service", caddyUnit)).toBeGreaterThan(6);
    expect(exposure("caddy.service", caddyUnit + dropIn)).toBeLessThanOrEqual(2);
  });
});
