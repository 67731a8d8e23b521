import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test as vitestTest } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { expectAllWell, expectNeverLetIn, property } from "../lib/systemd/claims.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { until } from "../lib/systemd/node-command.ts";

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

let host: Host;
beforeAll(async () => {
  host = await bootHost("one", {
    faultyOwncast: fileURLToPath(new URL("../lib/systemd/failing-owncast.sh", import.meta.url)),
    dropIns: { "lectern-main-bootstrap.service": "[Service]\nRestartSec=1\n" },
  });
});
afterAll(() => host?.stop());

const restarts = async () => Number(await property(host, "lectern-main-bootstrap", "NRestarts"));
// Owncast's own port. The gate's port listens all the time.
const listeners = () =>
  host.succeed("ss", "--listening", "--tcp", "--no-header", "--numeric", "sport = :19350 or sport = :8080");

test("a bootstrap that fails twice comes back by itself, and the server with it", async () => {
  for (const failures of [1, 2]) {
    await until(`the bootstrap has failed ${failures} times`, async () => (await restarts()) >= failures);
    expect(await property(host, "owncast-main", "ExecMainPID")).toBe("0");
    expect(await listeners()).toBe("");
  }
  await host.succeed("touch", "/etc/owncast-is-mended");
  await until("the server runs", async () => (await property(host, "owncast-main", "ActiveState")) === "active");
  await expectAllWell(host);
});

test("in all this the public password and key never worked", () => expectNeverLetIn(host));
