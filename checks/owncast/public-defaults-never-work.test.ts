import { expect, test } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { type RunningAttack, startAttack } from "../lib/owncast/attacker.ts";
import { startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { eventually, startDemo } from "../lib/process/demo-process.ts";

test("against plain Owncast, the public password and key win", async () => {
  let attack: RunningAttack | undefined;
  const owncast = await startPlainOwncast(({ enter }) => {
    attack = startAttack({ web: ["http://127.0.0.1:8080"], rtmp: "rtmp://127.0.0.1:1935/live", enter });
  });
  await eventually(() => attack!.soFar().admin.won > 0 && attack!.soFar().ingest.won > 0);
  const { admin, ingest } = await attack!.stop();
  await owncast.stop();
  expect(admin.won).toBeGreaterThan(0);
  expect(ingest.won).toBeGreaterThan(0);
});

test("against a stage of ours they never work, from before it listens until it is live", async () => {
  const ports = { https: await freePort(), rtmp: await freePort(), admin: await freePort() };
  const attack = startAttack({
    web: [`https://localhost:${ports.https}`, `http://127.0.0.1:${ports.admin}`],
    rtmp: `rtmp://127.0.0.1:${ports.rtmp}/live`,
  });
  const demo = await startDemo(["--seed", "checks/lib/stages/light-stage.yaml"], ports);
  try {
    await demo.says("Stop: Ctrl-C");
    // The attempts reach servers, and go on for a while after the stage is live.
    const { admin: web, ingest: rtmp } = structuredClone(attack.soFar());
    await eventually(() => {
      const now = attack.soFar();
      return now.admin.answered > web.answered + 20 && now.ingest.answered > rtmp.answered + 5;
    });
    const { admin, ingest } = await attack.stop();
    expect(admin.answered).toBeGreaterThan(20);
    expect(ingest.answered).toBeGreaterThan(5);
    expect({ admin: admin.won, ingest: ingest.won }).toEqual({ admin: 0, ingest: 0 });
  } finally {
    await attack.stop();
    await demo.dispose();
  }
});
