import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Part } from "../../src/local/part.ts";
import type { ProbeReport } from "../../src/probe/probe-report.ts";
import { testCertificates } from "../lib/process/certificates.ts";
import { type Machine, namesOfHost } from "../lib/process/machine.ts";
import { accountAt } from "../lib/site/acme-account.ts";
import { type AcmeAuthority, authorityName, startAuthority } from "../lib/site/acme-authority.ts";
import { caddyStorage, startAcmeSite } from "../lib/site/acme-site.ts";
import { startStranger } from "../lib/site/stranger.ts";
import { bootstrap, goOnAir, startGate, startHost, startKeeper, startServer } from "../lib/site/vm-stage.ts";
import { startStayingViewer } from "../lib/stream/staying-viewer.ts";

const caFile = "/etc/lectern-test/ca.crt";
const root = "/etc/lectern-test/root.crt";
const [own, somebodyElses] = ["127.0.0.1", "127.0.0.2"];
let host: Machine;
let authority: AcmeAuthority;
let caddy: Part;

beforeAll(async () => {
  host = await startHost(["live.test", authorityName]);
  authority = await startAuthority(host);
  await authority.writeRoot(root);
  // A browser trusts many authorities, among them the authority of the other server's certificate.
  host.write(caFile, `${await host.succeed(`cat ${root}`)}${testCertificates.authority}`);
  await bootstrap(host);
  await startServer(host);
  await startGate(host);
  await startKeeper(host);
});
afterAll(() => host?.stop());

/** Makes the stage's name resolve to an address, for the authority and for viewers. */
async function pointName(address: string): Promise<void> {
  host.write("/etc/hosts", `${namesOfHost([authorityName])}${address} live.test\n`);
  await authority.pointName("live.test", address);
}

async function tlsFaults(...flags: string[]): Promise<string> {
  const { stdout } = await host.run(
    `lectern probe --url https://live.test --ca ${caFile} --deadline 2 --json ${flags.join(" ")}`,
  );
  const { faults } = JSON.parse(stdout) as ProbeReport;
  return faults.map(({ check, message }) => `${check}: ${message}`).join("\n");
}

describe("while the name leads to another server", () => {
  beforeAll(async () => {
    await startStranger(host, somebodyElses);
    await pointName(somebodyElses);
    caddy = await startAcmeSite(host, { authority });
  });

  test("Caddy's journal names the address that the authority checked", async () => {
    const log = `'${join(host.folder, "caddy.log")}'`;
    await Promise.race([host.untilSucceeds(`grep -F 'could not get certificate from issuer' ${log}`), caddy.died]);
    // The search from docs/deploy.md.
    expect(await host.succeed(`grep 'challenge failed' ${log}`)).toContain(`connect to ${somebodyElses}:443`);
  });

  test("lectern probe tells a viewer whose server that is, and its address", async () => {
    const told = await tlsFaults();
    expect(told).toMatch(/^tls: .* it is for another name, stage\.test; the name live\.test leads to 127\.0\.0\.2/);
  });

  test("`lectern status` on the host says so", async () => {
    const { stdout, code } = await host.run("lectern status main");
    expect(stdout).toMatch(/certificate: none; the name leads to 127\.0\.0\.2, and this host has 127\.0\.0\.1/);
    expect(code).toBe(2);
  });

  test("the host itself has no certificate, and the error names both addresses", async () => {
    const told = await tlsFaults("--resolve", `live.test:443:${own}`);
    expect(told).toMatch(/^tls: .* has no certificate for that name; .* leads to 127\.0\.0\.2, not to 127\.0\.0\.1/);
  });
});

describe("once the name leads to the host", () => {
  beforeAll(async () => {
    await pointName(own);
    await caddy.stop();
    caddy = await startAcmeSite(host, { authority });
  });

  test("it has a certificate that viewers trust", async () => {
    const ask = `curl -fsS -m 5 --cacert ${caFile} https://live.test/api/status`;
    await Promise.race([host.untilSucceeds(ask), caddy.died]);
    expect(await host.succeed("lectern status main")).toMatch(/certificate: valid until .* UTC, from /);
  });

  test("the authority has the e-mail address that the host declares", async () => {
    expect(await accountAt(host, authority, caddyStorage)).toMatchObject({
      status: "valid",
      contact: ["mailto:webmaster@nixos.org"],
    });
  });
});

test("a certificate is renewed during a stream, and a viewer who watches and chats notices nothing", async () => {
  await caddy.stop();
  caddy = await startAcmeSite(host, { authority, renewAfterSeconds: 5 });
  const { camera } = await goOnAir(host);
  const viewer = startStayingViewer(host, { page: "https://live.test", caFile });
  const isOver = () => {
    const looks = viewer.looks();
    const renewedAt = looks.findIndex(({ newcomer, kept }) => newcomer !== kept.serial);
    const [renewed, last] = [looks[renewedAt], looks.at(-1)];
    return renewed && last && last.sequence > renewed.sequence + 1 && last.pongs > renewed.pongs;
  };
  const until = Date.now() + 120_000;
  while (!isOver()) {
    await Promise.race([sleep(200), viewer.died, camera.died, caddy.died]);
    if (Date.now() > until) throw new Error(`no certificate was renewed: ${JSON.stringify(viewer.looks().at(-1))}`);
  }
  expect(new Set(viewer.looks().map(({ kept }) => JSON.stringify(kept))).size).toBe(1);
});
