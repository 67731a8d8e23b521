import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { type LiveHost, startLiveHost } from "../lib/process/live-host.ts";

const stageFile = "hosts/live/stages/main.yaml";
const key = "stream-key-moderator";

let host: LiveHost;
beforeAll(async () => {
  host = await startLiveHost(parse(readFileSync(stageFile, "utf8")), key);
});
afterAll(() => host?.stop());

/** What somebody may have clicked together in the admin page, as Owncast is sent it. */
async function driftByHand(): Promise<void> {
  const config = (await host.admin("serverconfig")) as {
    instanceDetails: { extraPageContent: string };
    videoSettings: { videoQualityVariants: { name: string; videoBitrate: number }[] };
  };
  const page = config.instanceDetails.extraPageContent.replace("on the hour", "at noon").concat("\nSee you!\n");
  const [sd, hd] = config.videoSettings.videoQualityVariants;
  await host.admin("config/name", { value: "Test, please ignore" });
  await host.admin("config/tags", { value: ["lecture", "test"] });
  await host.admin("config/pagecontent", { value: page });
  await host.admin("config/video/streamlatencylevel", { value: 3 });
  const mine = { ...sd, name: "240p", scaledWidth: 426, scaledHeight: 240 };
  await host.admin("config/video/streamoutputvariants", { value: [mine, sd, { ...hd, videoBitrate: 2500 }] });
  await host.admin("config/chat/disable", { value: true });
  await host.admin("config/streamkeys", { value: [{ key: "clicked-together", comment: "me" }] });
}

// After a change of plan's form: UPDATE_README=1 with this test writes the block anew.
test("the plan in the README is what a drifted Owncast gives, on one screen", async () => {
  await driftByHand();
  const secrets = join(host.folder, "secrets");
  mkdirSync(secrets);
  for (const name of ["admin-password", key]) copyFileSync(host.secretFile(name), join(secrets, name));
  const plan = await host.lectern("plan", "--seed", stageFile, "--url", host.owncastUrl, "--secrets", secrets);
  expect(plan.code).toBe(2);
  const block = /(<!-- plan: begin[^>]*-->\n\n```text\n)([\s\S]*?)(```\n\n<!-- plan: end -->)/;
  const readme = readFileSync("README.md", "utf8");
  if (process.env.UPDATE_README) writeFileSync("README.md", readme.replace(block, `$1${plan.stdout}$3`));
  expect(block.exec(readFileSync("README.md", "utf8"))?.[2]).toBe(plan.stdout);
  const lines = plan.stdout.split("\n");
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(140);
});
