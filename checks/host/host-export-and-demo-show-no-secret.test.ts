import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missedByScan } from "../lib/owncast/planted.ts";
import { type SecretScan, startSecretScan } from "../lib/owncast/secret-scan.ts";
import { deadPort } from "../lib/process/bound-socket.ts";
import { eventually, startDemo } from "../lib/process/demo-process.ts";
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
  const token = (name: string) => readFileSync(join(host.stateDir, "tokens", name), "utf8").trim();
  /** Where secrets belong on this host; everything else that lies there is scanned. */
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
    // The canaries are what logs in: this asks with the password, and throws when that is refused.
    expect(await host.admin("serverconfig")).toMatchObject({ streamKeys: [{ key }] });
  });
  afterAll(async () => {
    await scan?.watch.stop();
    await host?.stop();
  });

  const elsewhere = (verb: string, url: () => string, ...more: string[]) => [verb, "--url", url(), ...more];
  const dead = () => `http://127.0.0.1:${nobodys}`;
  test.each([
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
  ])("show no secret: $claim", async ({ args, code, says = "" }) => {
    const words = args();
    const { stdout, stderr, ...result } = await host.lectern(...words, "--verbose");
    scan.heard(words.join(" "), stdout + stderr);
    expect({ ...result, stderr }).toEqual({ code, stderr: expect.stringContaining(says) });
    expect(scan.findings([host.folder], belongs)).toEqual([]);
  });

  test("show no secret: export, neither does the file that it writes", async () => {
    const secrets = join(host.folder, "for-export/secrets");
    const output = join(host.folder, "exported.yaml");
    mkdirSync(secrets, { recursive: true });
    writeFileSync(join(secrets, "admin-password"), `${host.canaries[0]}\n`);
    for (const [url, code] of [
      [host.owncastUrl, 0],
      [dead(), 69],
    ] as const) {
      const flags = ["--secrets", secrets, "--output", output, "--force", "--deadline", "1", "--all", "--verbose"];
      const { stdout, stderr, code: got } = await host.lectern(...elsewhere("export", () => url, ...flags));
      scan.heard("export", stdout + stderr);
      expect({ got, stderr }).toMatchObject({ got: code });
    }
    expect(readFileSync(output, "utf8")).toContain("name: Hosted");
    expect(scan.findings([host.folder], belongs)).toEqual([]);
  });
});

test("the demo shows no secret, from before it has any until it is on air", async () => {
  const scan = startSecretScan({});
  const demo = await startDemo(["--seed", "checks/lib/stages/light-stage.yaml", "--verbose"]);
  try {
    await demo.says("Stop: Ctrl-C");
    const [run = ""] = demo.runFolders();
    const folder = join(run, "secrets");
    const secrets = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8").trim()] as const);
    expect(secrets.map(([name]) => name).sort()).toEqual(["admin-password", "stream-key"]);
    expect(await missedByScan(Object.fromEntries(secrets), scan)).toEqual([]);
    for (const [name, value] of secrets) scan.add(name, value);
    const [, password = ""] = secrets.find(([name]) => name === "admin-password") ?? [];
    const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
    const admin = `http://127.0.0.1:${demo.ports.admin}`;
    const answer = await fetch(`${admin}/api/admin/serverconfig`, { headers: { authorization, origin: admin } });
    expect(answer.status).toBe(200);
    await eventually(() => scan.watch.sightings.some(({ bytes }) => /owncast\0-webserverip/.test(`${bytes}`)));
    // Of bootstrap, which is a process of the demo's, and of the demo itself.
    for (const request of ["POST /api/admin/config/adminpass 200", "GET /hls/stream.m3u8 200"])
      expect(demo.stderr()).toContain(request);
    scan.heard("the demo", demo.stdout() + demo.stderr());
    const belongs =
      /^(?:lectern\/run\/)?[^/]+\/(?:secrets\/|state\/(?:tokens\/|applied-password$|data\/owncast\.db(?:-wal|-shm)?$))/;
    expect(scan.findings([demo.folder], belongs)).toEqual([]);
  } finally {
    await scan.watch.stop();
    await demo.dispose();
  }
});
