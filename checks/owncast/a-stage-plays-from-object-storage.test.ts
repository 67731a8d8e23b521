import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ExitCode } from "../../src/lib/errors.ts";
import { freePort } from "../../src/lib/free-port.ts";
import { corsRule } from "../../src/local/bucket.ts";
import type { Publisher } from "../../src/publish/publisher.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { s3Keys, withS3 } from "../lib/storage/s3-server.ts";
import { type StoredStage, stageOrigin, startStoredStage } from "../lib/storage/stored-stage.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";
import { untilFree } from "../lib/stream/owncast-state.ts";

if (!isExhaustive) noteLeftOut("a stage that plays from object storage");
const small = { name: "S", width: 320, height: 180, framerate: 15, bitrateKbps: 400, cpuUsage: "lowest" };
const namedWithinSeconds = 30;

describe.runIf(isExhaustive)("a stage with object storage", withS3, () => {
  let stage: StoredStage;
  let camera: Publisher | undefined;
  let keeper: KeeperProcess | undefined;
  let keptDir: string | undefined;
  beforeAll(async () => {
    stage = await startStoredStage({ latency: "lowest", ladder: [small] });
  });
  afterAll(async () => {
    await camera?.stop();
    await keeper?.stop();
    await stage?.stop();
    if (keptDir) rmSync(keptDir, { recursive: true, force: true });
  });
  const status = async () => {
    const { code, stdout } = await stage.host.lectern("status", "main", "--json");
    return { code, ...JSON.parse(stdout).stages[0] };
  };
  const text = async (address: string) => (await fetch(address)).text();

  test("passes the check by its name, and by its files", async () => {
    const byName = await stage.host.lectern("storage", "check", "main");
    expect(byName.stdout).toContain("✓ the page may play it (CORS)");
    expect(byName.code).toBe(ExitCode.done);
    const folder = mkdtempSync(join(tmpdir(), "lectern-storage-keys-"));
    for (const [name, value] of Object.entries({ access: s3Keys.accessKey, secret: s3Keys.secretKey }))
      writeFileSync(join(folder, `s3-${name}-key`), `${value}\n`);
    const files = ["--seed", join(stage.host.folder, "main.yaml"), "--secrets", folder];
    const byFiles = await stage.host.lectern("storage", "check", ...files, "--origin", stageOrigin, "--json");
    rmSync(folder, { recursive: true });
    expect(JSON.parse(byFiles.stdout)).toMatchObject({ origin: stageOrigin, bucket: "lectures" });
    expect(byFiles.code).toBe(ExitCode.done);
  });

  test("plays from the bucket, also through the keeper, which leaves its master playlist as it is", async () => {
    camera = await stage.host.goLive();
    const port = await freePort();
    keeper = await startKeeper(port, stage.host.owncastUrl, stage.host.hlsDir);
    keptDir = `${stage.host.hlsDir}-kept`;
    const [own, kept] = await Promise.all(
      [stage.host.owncastUrl, keeper.url].map((url) => text(`${url}/hls/stream.m3u8`)),
    );
    expect(kept).toBe(own);
    const [variant = ""] = kept?.match(/^http.*$/m) ?? [];
    expect(variant).toBe(`${stage.storage.viewers}/hls/0/stream.m3u8`);
    const playlist = await text(variant);
    const segment = playlist.match(/^stream-.*\.ts$/m)?.[0] ?? "";
    const response = await fetch(new URL(segment, variant), { headers: { origin: stageOrigin } });
    expect(response.headers.get("access-control-allow-origin")).toBe(stageOrigin);
    expect(Buffer.from(await response.arrayBuffer())[0]).toBe(0x47);
  });

  test("probe judges what comes from the bucket as the stage's page gets it", async () => {
    const { owncastUrl, lectern } = stage.host;
    await stage.s3.asOwner("PUT", "/lectures?cors=", corsRule(owncastUrl));
    const { stdout } = await lectern("probe", "--url", owncastUrl);
    expect(stdout).toContain("✓ content types");
    expect(stdout).toContain("✓ cross-origin");
    await stage.s3.asOwner("PUT", "/lectures?cors=", corsRule(stageOrigin));
  });

  test("status says how old the newest segment in the bucket is", async () => {
    const { code, storage } = await status();
    expect(storage).toMatchObject({ newestAgeSeconds: expect.any(Number) });
    expect(storage.finding).toBeUndefined();
    expect(code).toBe(ExitCode.done);
  });

  test("status names a wrong secret within 30 s, while Owncast says that all is well", async () => {
    await camera?.stop();
    await untilFree(stage.host.owncastUrl);
    writeFileSync(stage.host.secretFile("s3-secret-key"), "canary-of-a-wrong-key\n");
    expect((await stage.host.lectern("apply", "main")).code).toBe(ExitCode.done);
    const connectedAt = performance.now();
    camera = await stage.host.goLive();
    for (;;) {
      const { onAir, storage } = await status();
      expect(onAir.state).toBe("live");
      const passed = (performance.now() - connectedAt) / 1000;
      if (storage?.finding) {
        console.log(`named ${passed.toFixed(1)} s after the camera connected`);
        expect(passed).toBeLessThan(namedWithinSeconds);
        break;
      }
      expect(passed).toBeLessThan(3 * namedWithinSeconds);
      await sleep(1000);
    }
    const { code, stdout } = await stage.host.lectern("status", "main");
    expect(stdout).toContain(
      "✗ object storage: viewers get no new video. storage.objectStorage.secretKey: Owncast's upload was refused (403 SignatureDoesNotMatch): the secret key does not belong to the access key\n",
    );
    expect(stdout).toContain("`lectern storage check main` checks all of it");
    expect(stdout).not.toContain("canary-of-a-wrong-key");
    expect(code).toBe(ExitCode.differs);
    const checked = await stage.host.lectern("storage", "check", "main");
    expect(checked.code).toBe(ExitCode.refused);
    expect(checked.stdout + checked.stderr).not.toContain("canary-of-a-wrong-key");
  });
});
