import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { writeCaddyfile } from "../../src/local/caddy.ts";
import { openDoor } from "../../src/services/doors/door-file.ts";
import { rehearsalDoor } from "../../src/services/doors/rehearsal-door.ts";
import { viewersDoor } from "../../src/services/doors/viewers-door.ts";
import { caddyEnvironment } from "../lib/site/golden-caddy.ts";
import { goldenFile, goldenSite, hostsWith } from "../lib/site/golden-site.ts";
import { type Config, differences, meaningOf } from "./meaning.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-caddies-"));
const demo = join(folder, "Caddyfile");
const opened = join(folder, "Caddyfile-opened");
const door = join(folder, "door");
const rehearsal = join(folder, "rehearsal");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = [
  ...hostsWith("caddy").map((host) => ({ name: `the host ${host}`, file: goldenFile("caddy", host) })),
  { name: "the demo", file: demo },
  { name: "the host one-private, with its password and its token", file: opened },
];

/** The configuration that a Caddy reads from a Caddyfile. */
function adapted(caddy: string, file: string): Config {
  const { status, stdout, stderr } = spawnSync(caddy, ["adapt", "--config", file, "--adapter", "caddyfile"], {
    encoding: "utf8",
    env: caddyEnvironment(folder),
  });
  if (status !== 0) throw new Error(`${caddy} refuses ${file}: ${stderr}`);
  return JSON.parse(stdout);
}

const oldest = (file: string): Config => adapted(process.env.OLDEST_CADDY ?? "", file);
const newest = (file: string): Config => adapted(findProgram("caddy"), file);

beforeAll(async () => {
  const doors = { "/run/lectern/main-viewers": door, "/run/lectern/main-rehearsal": rehearsal };
  writeFileSync(opened, goldenSite("one-private", doors));
  for (const one of [door, rehearsal]) mkdirSync(one);
  await openDoor({ folder: door, front: "caddy" }, viewersDoor("a password", "caddy"));
  await openDoor({ folder: rehearsal, front: "caddy" }, rehearsalDoor("x".repeat(43), "caddy"));
  const ports = { https: 8443, rtmp: 1935, admin: 8880, owncast: 8080 };
  return writeCaddyfile(demo, { ports, segmentsDir: "/segments", keeper: "127.0.0.1:8081", storageDir: folder });
});

describe("the oldest and the newest Caddy", () => {
  it.each(files)("read the same configuration from the Caddyfile of $name", ({ file }) =>
    expect(meaningOf(newest(file))).toEqual(meaningOf(oldest(file))),
  );

  it.each(differences)("would read different configurations without this exception: $why", (difference) => {
    const others = differences.filter((each) => each !== difference);
    const differ = files.filter(
      ({ file }) => !isDeepStrictEqual(meaningOf(newest(file), others), meaningOf(oldest(file), others)),
    );
    expect(differ).not.toEqual([]);
  });
});
