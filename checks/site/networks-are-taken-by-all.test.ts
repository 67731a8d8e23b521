import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { needs } from "../lib/needs.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { nginxEnvironment, nginxProgram, temporary } from "../lib/site/golden-nginx.ts";
import { lacksFirewalls, readGolden, startWalledHost, type WalledHost } from "../lib/site/walled-host.ts";

// These programs accept every network that the evaluation accepts, in the lines of modules/core/firewall.nix and generated/site/stage.caddyfile.
const { good } = readGolden<{ good: readonly string[] }>("checks/eval/lib/networks.json");
const isV6 = (network: string) => network.includes(":");
const lacking = lacksFirewalls();

describe("a network that the evaluation accepts", needs(!lacking, lacking ?? ""), () => {
  let host: WalledHost;
  beforeAll(async () => {
    host = await startWalledHost([]);
  });
  afterAll(() => host?.stop());

  test.each(["", "-legacy"])("iptables%s takes", async (variant) => {
    const lines = good.map(
      (network) =>
        `${isV6(network) ? "ip6tables" : "iptables"}${variant} -w -A INPUT -p tcp --dport 1935 -s ${network} -j ACCEPT`,
    );
    expect(await host.run(lines.join(" && "))).toMatchObject({ code: 0 });
  });

  test("nft accepts", async () => {
    const rules = good.map((network) => `${isV6(network) ? "ip6" : "ip"} saddr ${network} tcp dport 1935 accept`);
    host.write("rules", `table inet test {\nchain input {\n${rules.join("\n")}\n}\n}\n`);
    expect(await host.run("nft -f rules")).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

test("Caddy accepts a network that the evaluation accepts", () => {
  const site = (networks: readonly string[]) =>
    `http://live.test {\n@admin not remote_ip ${networks.join(" ")}\nrespond @admin 404\n}\n`;
  const validate = (networks: readonly string[]) =>
    spawnSync(findProgram("caddy"), ["validate", "--adapter", "caddyfile", "--config", "-"], {
      input: site(networks),
      encoding: "utf8",
    });
  expect(validate(good)).toMatchObject({ status: 0 });
  // Caddy must refuse wrong networks: else this test would prove nothing.
  expect(validate(["10.0.0.0/99"])).toMatchObject({ status: 1 });
});

test("nginx accepts a network that the evaluation accepts", needsNginx, () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-networks-"));
  const file = join(folder, "nginx.conf");
  const validate = (networks: readonly string[]) => {
    const geo = `geo $admin {\ndefault 0;\n${networks.map((network) => `${network} 1;\n`).join("")}}\n`;
    writeFileSync(file, `pid ${folder}/pid;\nevents { }\nhttp {\naccess_log off;\n${temporary}\n${geo}}\n`);
    return spawnSync(nginxProgram(), ["-t", "-q", "-e", "stderr", "-p", folder, "-c", file], {
      encoding: "utf8",
      env: nginxEnvironment(),
    });
  };
  try {
    // It warns of networks that contain all addresses, and of those that are here twice.
    expect(validate(good)).toMatchObject({ status: 0 });
    // nginx must refuse wrong networks too.
    expect(validate(["10.0.0.0/99"])).toMatchObject({ status: 1 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
