import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

/** Characters that are written differently in a URL, in JSON and in base64. */
const awkward = (name: string): string => `${name} "\\é+/%&<=> ${randomUUID()}`;
/** The secrets that a stage uses, by their names. */
export const canaries = {
  "admin-password": awkward("admin"),
  // OBS sends it in place of a path.
  "stream-key": `key+=~${randomUUID()}`,
  "s3-access-key": awkward("s3"),
  "s3-secret-key": awkward("s3 secret"),
  "discord-webhook": `https://127.0.0.1:9/api/webhooks/${randomUUID()}?a="\\é+%&`,
  webhook: `https://127.0.0.1:9/stage/${randomUUID()}?a="\\é+%&`,
  "rehearsal-token": randomBytes(32).toString("base64url"),
};
/** The secrets that it does not use. */
export const wrongCanaries = { "wrong-password": awkward("wrong"), "wrong-key": `wrong+=~${randomUUID()}` };
/** A stage that uses every kind of secret. */
const stage = {
  instance: { name: "Canaries", pageText: "" },
  video: {
    latency: "lowest",
    ladder: [{ name: "S", width: 320, height: 180, framerate: 15, bitrateKbps: 400, cpuUsage: "lowest" }],
  },
  notifications: { discord: { enabled: true, webhook: { secret: "discord-webhook" }, goLiveMessage: "on" } },
  storage: {
    objectStorage: { enabled: false, accessKey: { secret: "s3-access-key" }, secretKey: { secret: "s3-secret-key" } },
  },
  integrations: {
    // Owncast logs the address of a webhook that it cannot reach. Here, no event calls it.
    webhooks: { list: [{ url: { secret: "webhook" }, events: ["fediverse-follow"] }], prune: true },
    accessTokens: { list: [{ name: "scoreboard", scopes: ["send-messages"] }] },
  },
  rehearsal: { enable: true },
};

/** Right and wrong stage files and secrets folders, in a folder of their own: `main.yaml`, `bad.yaml`, `shared/` … */
export function writeCanaryInputs(): string {
  const folder = mkdtempSync(join(tmpdir(), "lectern-inputs-"));
  const put = (name: string, values: Readonly<Record<string, string>>) => {
    mkdirSync(join(folder, name));
    for (const [secret, value] of Object.entries(values)) writeFileSync(join(folder, name, secret), `${value}\n`);
  };
  const password = canaries["admin-password"];
  const { "s3-access-key": _, ...withoutOne } = canaries;
  writeFileSync(join(folder, "main.yaml"), stringify(stage));
  writeFileSync(join(folder, "bad.yaml"), stringify({ ...stage, chat: { enabled: "yes" }, unknown: {} }));
  put("wrong-password", { ...canaries, "admin-password": wrongCanaries["wrong-password"] });
  put("shared", { ...canaries, "stream-key": password });
  put("two-lines", { ...canaries, "admin-password": `${password}\nand more` });
  put("missing", withoutOne);
  put("guessable", { ...canaries, "rehearsal-token": wrongCanaries["wrong-key"] });
  writeFileSync(join(folder, "wrong-key"), wrongCanaries["wrong-key"]);
  return folder;
}
