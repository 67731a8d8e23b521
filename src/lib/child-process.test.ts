import { afterEach, expect, it, vi } from "vitest";
import { runCommand } from "./child-process.ts";
import { ExitCode } from "./errors.ts";
import { withServerLock } from "./lock.ts";

afterEach(() => void vi.unstubAllEnvs());

// Node tells ENOENT by an event, and throws ENOTDIR.
const nowhere = [["/no"], ["/etc/passwd"]];

it.each(nowhere)("says that a command cannot be started in %s", async (folder) => {
  await expect(runCommand(`${folder}/command`, [])).rejects.toMatchObject({
    exitCode: ExitCode.failed,
    message: expect.stringContaining(`${folder}/command cannot be started: `),
  });
});

it.each(nowhere)("says that it cannot take a lock if flock is missing because PATH is %s", async (folder) => {
  vi.stubEnv("PATH", folder);
  const locked = withServerLock("http://127.0.0.1:1", { deadlineSeconds: 1 }, async () => {});
  await expect(locked).rejects.toMatchObject({
    exitCode: ExitCode.failed,
    message: expect.stringContaining("flock failed: "),
    remedy: expect.stringContaining("util-linux"),
  });
});
