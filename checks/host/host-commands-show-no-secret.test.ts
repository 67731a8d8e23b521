import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sample } from "../lib/exhaustive.ts";
import { missedByScan } from "../lib/owncast/planted.ts";
import { type SecretScan, startSecretScan } from "../lib/owncast/secret-scan.ts";
import { deadPort } from "../lib/process/bound-socket.ts";
import { startLectern } from "../lib/process/lectern-process.ts";
import { type LiveHost, startLiveHost } from "../lib/process/live-host.ts";

const nobodys = deadPort();

describe("commands on a host", () => {
  const scopes = { chat: ["send-messages"], title: ["admin"] };
  const stage = {
    instance: { name: "Hosted", pageText: "" },
    integrations: { accessTokens: { list: Object.entries(scopes).map(([name, scopes]) => ({ name, scopes })) } },
  };
  let host: LiveHost;
  let scan: SecretScan;
  /** Runs it in a process of its own: the scan reads its arguments and environment. */
  const lectern = (...words: string[]) => startLectern(words, { LECTERN_STAGES: host.file }).ended;
  const token = (name: string) => readFileSync(join(host.stateDir, "tokens", name), "utf8").trim();
  /** Secrets belong here on this host. The scan reads all other files. */
  const belongs = /(?:^|\/)(?:secrets|tokens|gate-keys)\/|^of-[^/]+\/value$|^state\/applied-password$|^wrong-token$/;

  beforeAll(async () => {
    scan = startSecretScan({});
    host = await startLiveHost(stage);
    const [password = "", key = ""] = host.canaries;
    const secrets = {
      password,
      key,
      "chat token": token("chat"),
      "title token": token("title"),
      wrong: `${key}-wrong`,
    };
    expect(await missedByScan(secrets, scan)).toEqual([]);
    for (const [name, value] of Object.entries(secrets)) scan.add(name, value);
    writeFileSync(join(host.folder, "wrong-token"), secrets.wrong);
    // The canaries are the secrets in use: this request uses the password, and throws if it is refused.
    expect(await host.admin("serverconfig")).toMatchObject({ streamKeys: [{ key }] });
  });
  afterAll(async () => {
    await scan?.watch.stop();
    await host?.stop();
  });

  const elsewhere = (verb: string, url: () => string, ...more: string[]) => [verb, "--url", url(), ...more];
  const dead = () => `http://127.0.0.1:${nobodys}`;
  const cases = [
    { claim: "status", args: () => ["status", "main"], code: 0, says: "GET /api/admin/serverconfig 200" },
    { claim: "status of a stage that is down", args: () => ["status", "--deadline", "1"], code: 69 },
    { claim: "secrets", args: () => ["secrets", "main"], code: 0 },
    { claim: "plan", args: () => ["plan", "main"], code: 0 },
    { claim: "apply", args: () => ["apply", "main"], code: 0 },
    { claim: "title", args: () => ["title", "main", "one to nil"], code: 0, says: "streamtitle 200" },
    {
      claim: "title with a wrong token",
      args: () => elsewhere("title", () => host.owncastUrl, "--token-file", join(host.folder, "wrong-token"), "nil"),
      code: 77,
    },
    {
      claim: "title without a server",
      args: () => elsewhere("title", dead, "--token-file", join(host.stateDir, "tokens/title"), "nil"),
      code: 69,
    },
    { claim: "a stage that there is none of", args: () => ["apply", "nowhere"], code: 64 },
  ];

  test.each(sample("commands that are scanned for secrets", cases, 5))(
    "show no secret: $claim",
    async ({ args, code, says = "" }) => {
      const words = args();
      const result = await lectern(...words, "--verbose");
      scan.heard(words.join(" "), result.output);
      expect(result).toEqual({ code, output: expect.stringContaining(says) });
      expect(scan.findings([host.folder], belongs)).toEqual([]);
    },
  );

  test("show no secret: export, neither does the file that it writes", async () => {
    const secrets = join(host.folder, "for-export/secrets");
    const output = join(host.folder, "exported.yaml");
    mkdirSync(secrets, { recursive: true });
    writeFileSync(join(secrets, "admin-password"), `${host.canaries[0]}\n`);
    for (const [url, deadline, code] of [
      [host.owncastUrl, "30", 0],
      [dead(), "1", 69],
    ] as const) {
      const flags = ["--secrets", secrets, "--output", output, "--force", "--deadline", deadline, "--all", "--verbose"];
      const result = await lectern(...elsewhere("export", () => url, ...flags));
      scan.heard("export", result.output);
      expect(result).toMatchObject({ code });
    }
    expect(readFileSync(output, "utf8")).toContain("name: Hosted");
    expect(scan.findings([host.folder], belongs)).toEqual([]);
  });
});
