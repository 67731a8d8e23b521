import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { type Attack, type RunningAttack, startAttack } from "../lib/owncast/attacker.ts";
import { startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { missedByScan } from "../lib/owncast/planted.ts";
import { type SecretScan, startSecretScan } from "../lib/owncast/secret-scan.ts";
import { type DemoProcess, eventually, startDemo } from "../lib/process/demo-process.ts";

test("on a plain Owncast, the public password and key work", async () => {
  const owncast = await startPlainOwncast();
  const attack = startAttack({ web: [{ port: Number(new URL(owncast.url).port) }], rtmpPort: owncast.rtmp.port });
  await eventually(() => attack.soFar().admin.won > 0 && attack.soFar().ingest.won > 0);
  const { admin, ingest } = await attack.stop();
  await owncast.stop();
  expect(admin.won).toBeGreaterThan(0);
  expect(ingest.won).toBeGreaterThan(0);
});

describe("a demo, from before it listens until it is on air", () => {
  let attack: RunningAttack;
  let scan: SecretScan;
  let demo: DemoProcess;
  let result: Attack;
  const secrets = new Map<string, string>();
  beforeAll(async () => {
    const ports = { https: await freePort(), rtmp: await freePort(), admin: await freePort() };
    const web = [{ port: ports.https, site: "localhost" }, { port: ports.admin }];
    attack = startAttack({ web, rtmpPort: ports.rtmp });
    scan = startSecretScan({});
    demo = await startDemo(["--seed", "checks/lib/stages/light-stage.yaml", "--verbose"], ports);
    // Every rendition plays.
    await demo.says("Measuring the encoder");
    // The attempts reach servers, and go on after the stage is live.
    const { admin, ingest } = structuredClone(attack.soFar());
    await eventually(() => {
      const now = attack.soFar();
      // The gate answers each wrong key later than the last one, up to 5 s.
      return (
        now.admin.answered > Math.max(admin.answered + 10, 20) && now.ingest.answered > Math.max(ingest.answered, 2)
      );
    });
    result = await attack.stop();
    const [run = ""] = demo.runFolders();
    const folder = join(run, "secrets");
    for (const name of readdirSync(folder)) secrets.set(name, readFileSync(join(folder, name), "utf8").trim());
  });
  afterAll(async () => {
    await attack?.stop();
    await scan?.watch.stop();
    await demo?.dispose();
  });

  test("the public password and key never work", () => {
    const { admin, ingest } = result;
    expect(admin.answered).toBeGreaterThan(20);
    expect(ingest.answered).toBeGreaterThan(2);
    expect({ admin: admin.won, ingest: ingest.won }).toEqual({ admin: 0, ingest: 0 });
  });

  test("no secret is shown", async () => {
    expect([...secrets.keys()].sort()).toEqual(["admin-password", "stream-key"]);
    expect(await missedByScan(Object.fromEntries(secrets), scan)).toEqual([]);
    for (const [name, value] of secrets) scan.add(name, value);
    const authorization = `Basic ${Buffer.from(`admin:${secrets.get("admin-password")}`).toString("base64")}`;
    const admin = `http://127.0.0.1:${demo.ports.admin}`;
    const response = await fetch(`${admin}/api/admin/serverconfig`, { headers: { authorization, origin: admin } });
    expect(response.status).toBe(200);
    await eventually(() => scan.watch.sightings.some(({ bytes }) => /owncast\0-webserverip/.test(`${bytes}`)));
    // Bootstrap, a process of the demo, sends the first request. The demo itself sends the second.
    for (const request of ["POST /api/admin/config/adminpass 200", "GET /hls/stream.m3u8 200"])
      expect(demo.stderr()).toContain(request);
    scan.heard("the demo", demo.stdout() + demo.stderr());
    const belongs =
      /^(?:lectern\/run\/)?[^/]+\/(?:secrets\/|state\/(?:tokens\/|applied-password$|data\/owncast\.db(?:-wal|-shm)?$))/;
    expect(scan.findings([demo.folder], belongs)).toEqual([]);
  });
});
