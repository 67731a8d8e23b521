import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PlainOwncast, startSettingsOwncast } from "../lib/owncast/plain-owncast.ts";
import { runLectern } from "../lib/process/run-verb.ts";

const stageFile = "hosts/live/stages/main.yaml";
const secrets = { "admin-password": "the-password-of-this-test", "stream-key-moderator": "the-key-of-this-test" };
const authorization = `Basic ${Buffer.from(`admin:${secrets["admin-password"]}`).toString("base64")}`;

let owncast: PlainOwncast;
const folder = mkdtempSync(join(tmpdir(), "lectern-readme-"));
beforeAll(async () => {
  for (const [name, value] of Object.entries(secrets)) writeFileSync(join(folder, name), `${value}\n`);
  owncast = await startSettingsOwncast(secrets["admin-password"]);
  expect(await lectern("apply")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await owncast?.stop();
  rmSync(folder, { recursive: true });
});

const lectern = (verb: "plan" | "apply") =>
  runLectern([verb, "--seed", stageFile, "--url", owncast.url, "--secrets", folder, "--deadline", "30"]);

async function admin(path: string, value?: unknown): Promise<unknown> {
  const init = value === undefined ? {} : { method: "POST", body: JSON.stringify({ value }) };
  const response = await fetch(`${owncast.url}/api/admin/${path}`, { ...init, headers: { authorization } });
  expect(response.status).toBe(200);
  return response.json();
}

test("the settings of the reference stage read back from the running server", async () => {
  expect(await admin("serverconfig")).toMatchObject({
    instanceDetails: {
      name: "Public Lecture Series",
      tags: ["nix", "nixos", "lecture"],
      socialHandles: [
        { platform: "github", url: "https://github.com/NixOS" },
        { platform: "mastodon", url: "https://chaos.social/@nixos_org" },
      ],
    },
    chatDisabled: false,
    videoSettings: {
      latencyLevel: 1,
      videoQualityVariants: [
        { name: "SD", videoBitrate: 1000, scaledWidth: 854, scaledHeight: 480, framerate: 30 },
        { name: "HD", videoBitrate: 1600, scaledWidth: 1280, scaledHeight: 720, framerate: 30 },
        { name: "FHD", videoBitrate: 3200, scaledWidth: 1920, scaledHeight: 1080, framerate: 30 },
      ],
    },
    streamKeys: [{ key: secrets["stream-key-moderator"], comment: "moderator" }],
  });
  expect(await lectern("plan")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^no changes\n/) });
});

/** Changes that a person may have made in the admin page, in the form of Owncast's API. */
async function driftByHand(): Promise<void> {
  const config = (await admin("serverconfig")) as {
    instanceDetails: { extraPageContent: string };
    videoSettings: { videoQualityVariants: { name: string; videoBitrate: number }[] };
  };
  const page = config.instanceDetails.extraPageContent.replace("on the hour", "at noon").concat("\nSee you!\n");
  const [sd, hd] = config.videoSettings.videoQualityVariants;
  await admin("config/name", "Test, please ignore");
  await admin("config/tags", ["lecture", "test"]);
  await admin("config/pagecontent", page);
  await admin("config/video/streamlatencylevel", 3);
  const mine = { ...sd, name: "240p", scaledWidth: 426, scaledHeight: 240 };
  await admin("config/video/streamoutputvariants", [mine, sd, { ...hd, videoBitrate: 2500 }]);
  await admin("config/chat/disable", true);
  await admin("config/streamkeys", [{ key: "clicked-together", comment: "me" }]);
}

// If the format of a plan has changed, run this test with UPDATE_README=1: it rewrites the block.
test("the plan in the README is a drifted Owncast's, and fits on one screen", async () => {
  await driftByHand();
  const plan = await lectern("plan");
  expect(plan.code).toBe(2);
  const block = /(<!-- plan: begin[^>]*-->\n\n```text\n)([\s\S]*?)(```\n\n<!-- plan: end -->)/;
  const readme = readFileSync("README.md", "utf8");
  if (process.env.UPDATE_README) writeFileSync("README.md", readme.replace(block, `$1${plan.stdout}$3`));
  expect(block.exec(readFileSync("README.md", "utf8"))?.[2]).toBe(plan.stdout);
  const lines = plan.stdout.split("\n");
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(140);
});
