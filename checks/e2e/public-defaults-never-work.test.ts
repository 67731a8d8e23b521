import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { makePrivateNetwork } from "../../cli/demo/network.ts";
import { startPart } from "../../cli/demo/part.ts";
import { findProgram } from "../../cli/programs.ts";
import { startAttack } from "./lib/attacker.ts";
import { freePort, startDemo } from "./lib/demo-process.ts";

test("against plain Owncast, the public password and key win", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-plain-"));
  const network = await makePrivateNetwork();
  const attack = startAttack({
    web: ["http://127.0.0.1:8080"],
    rtmp: "rtmp://127.0.0.1:1935/live",
    enter: network.enter,
  });
  mkdirSync(join(folder, "state"));
  const flags = ["-webserverip", "127.0.0.1", "-webserverport", "8080", "-rtmpport", "1935"];
  const owncast = startPart(network.enter([findProgram("owncast"), ...flags]), {
    name: "Owncast",
    logFile: join(folder, "log"),
    cwd: join(folder, "state"),
  });
  await sleep(10_000);
  const { admin, ingest } = await attack.stop();
  await owncast.stop();
  await network.stop();
  rmSync(folder, { recursive: true });
  expect(admin.won).toBeGreaterThan(0);
  expect(ingest.won).toBeGreaterThan(0);
});

test("against a stage of ours they never work, from before it listens until it is live", async () => {
  const ports = { https: await freePort(), rtmp: await freePort(), admin: await freePort() };
  const attack = startAttack({
    web: [`https://localhost:${ports.https}`, `http://127.0.0.1:${ports.admin}`],
    rtmp: `rtmp://127.0.0.1:${ports.rtmp}/live`,
  });
  const demo = await startDemo(["--seed", "checks/e2e/light-stage.yaml"], ports);
  try {
    await demo.says("Stop: Ctrl-C");
    await sleep(3000);
    const { admin, ingest } = await attack.stop();
    // It was under attack: the attempts reached servers, and were refused.
    expect(admin.answered).toBeGreaterThan(20);
    expect(ingest.answered).toBeGreaterThan(5);
    expect({ admin: admin.won, ingest: ingest.won }).toEqual({ admin: 0, ingest: 0 });
  } finally {
    await attack.stop();
    await demo.dispose();
  }
});
