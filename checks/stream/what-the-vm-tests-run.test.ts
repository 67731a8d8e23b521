import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Part } from "../../src/local/part.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { needs } from "../lib/needs.ts";
import { type Machine, namesOfHost } from "../lib/process/machine.ts";
import { authorityName, startAuthority } from "../lib/site/acme-authority.ts";
import { startAcmeSite } from "../lib/site/acme-site.ts";
import {
  bootstrap,
  main,
  second,
  seedOf,
  startCaddy,
  startCaptions,
  startEngine,
  startGate,
  startHost,
  startServer,
} from "../lib/site/vm-stage.ts";

// Runs the exact command lines of checks/vm against real servers. The sample has the first boot and a stream. The sample's other
// e2e and systemd tests cover the other scenarios.
const commands: Readonly<Record<string, string>> = JSON.parse(readFileSync("checks/vm/commands.json", "utf8"));
const ran = new Set<string>();
const command = (name: string): string => {
  ran.add(name);
  return commands[name] ?? `there is no command ${name}`;
};

/** Tries again, as systemd does. A camera ends with its shell, or it would keep the next one out. */
const untilItRuns = (line: string): string =>
  `sh -c 'end() { kill $!; exit; }; trap end TERM INT; until { ${line} & wait $!; }; do sleep 1; done'`;

let host: Machine;
let server: Part;
let camera: Part;
beforeAll(async () => {
  host = await startHost();
});
afterAll(() => host?.stop());

describe("first-boot-is-closed", () => {
  test("before the boot no server responds, and afterwards the public key is refused", async () => {
    expect((await host.run(command("publishWithPublicKey"))).code).toBe(69);
    await bootstrap(host);
    const both = [startGate(host), startCaddy(host, isExhaustive ? [main, second] : [main])];
    server = await startServer(host);
    await Promise.all(both);
    expect((await host.run(command("publishWithPublicKey"))).code).toBe(77);
  });

  test("the public password opens nothing, and the admin page is absent", async () => {
    const ask = "curl -s -o /dev/null -w %{http_code} --cacert /etc/lectern-test/ca.crt -u admin:abc123";
    expect(await host.succeed(`${ask} http://127.0.0.1:8080/api/admin/serverconfig`)).toBe("401");
    expect(await host.succeed(`${ask} https://live.test/api/admin/serverconfig`)).toBe("404");
  });

  test("nothing is left to change", async () => {
    expect(await host.succeed(command("plan"))).toContain("no changes");
  });
});

test.runIf(isExhaustive)("reboot-keeps-state", async () => {
  await host.succeed(command("title"));
  // In a virtual machine, the whole host reboots.
  await server.stop();
  await bootstrap(host);
  server = await startServer(host);
  expect(await host.succeed(command("status"))).toContain("Questions and answers");
});

describe.concurrent("rtmp-to-hls", () => {
  beforeAll(() => {
    camera = host.start("publish", command("publish"));
  });

  test("a viewer gets every declared rendition over TLS", async () => {
    const report = await Promise.race([host.succeed(command("probe")), camera.died]);
    expect(report).toContain("320x180");
    expect(report).toContain("640x360");
  });

  test("admin-is-closed: a viewer reaches no admin page, and Owncast's own port asks for the password", async () => {
    const report = await Promise.race([host.succeed(command("probeClosed")), camera.died]);
    // Only another machine can tell that a port is closed.
    expect(report).toMatch(/live\.test:8080/);
    const ask = "curl -s -o /dev/null -w %{http_code}";
    expect(await host.succeed(`${ask} http://127.0.0.1:8080/admin/`)).toBe("401");
  });

  test.runIf(isExhaustive)(
    "a-crowd-holds: with the token a crowd comes and the stage holds; without it nobody comes",
    async () => {
      const online = `curl -fsS -m 5 http://127.0.0.1:${main.ports.web}/api/status | grep '"online":true'`;
      await Promise.race([host.untilSucceeds(online), camera.died]);
      const refused = await host.run(command("rehearseWithWrongToken"));
      expect(refused).toMatchObject({ code: 77, stderr: expect.stringContaining("refuses this rehearsal token") });
      const { code, stdout, stderr } = await host.run(command("rehearse"));
      // This machine runs the stage, the crowd and other tests.
      const isSpoilt = code === 1 && stdout.includes("this machine spoilt the rehearsal");
      expect({ code, said: isSpoilt || code === 0 ? "" : stdout + stderr }).toEqual({
        code: isSpoilt ? 1 : 0,
        said: "",
      });
      expect(stdout).toContain("20 came, 20 saw a frame");
    },
  );
});

describe.runIf(isExhaustive)("reconfigure-keeps-the-stream", () => {
  test("a changed stage is applied while the camera goes on", async () => {
    const before = await host.succeed("cat /var/lib/lectern/main/hls/0/stream.m3u8");
    const seed = seedOf(main);
    const renamed = { ...seed, instance: { ...seed.instance, name: "Renamed while live" } };
    host.write("/etc/lectern/main.json", JSON.stringify(renamed));
    expect((await host.run(command("plan"))).code).toBe(2);
    // In a virtual machine, lectern-main-config applies it after the switch.
    await host.succeed("lectern apply main");
    expect(await host.succeed(command("plan"))).toContain("no changes");
    await host.succeed(command("probe"));
    // A reconnect would change the session in the names of the segments.
    const session = (playlist: string) => /stream-([A-Za-z0-9_-]+)-\d+\.ts/.exec(playlist)?.[1];
    const after = await host.succeed("cat /var/lib/lectern/main/hls/0/stream.m3u8");
    expect(session(after)).toBe(session(before));
    expect(session(after)).toBeDefined();
  });
});

test.runIf(isExhaustive)("short-drop-keeps-viewers", async () => {
  host.start("follow", command("follow"));
  await host.untilSucceeds("test -s /var/lib/answers");
  await camera.stop();
  // Owncast refuses it until it notices that the last one has gone. In a virtual machine, systemd retries.
  camera = host.start("publish", untilItRuns(command("publish")));
  await Promise.race([host.untilSucceeds(command("answersGoOn")), camera.died]);
  await Promise.race([host.succeed(command("probe")), camera.died]);
  expect(await host.run(command("answersStop"))).toMatchObject({ code: 1, stdout: "" });
  await host.succeed(command("answersInOrder"));
});

test.runIf(isExhaustive)("two-stages-one-host", async () => {
  await bootstrap(host, second);
  const otherServer = await startServer(host, second);
  await startGate(host, second);
  const other = host.start("publish-to-second", command("publishToSecond"));
  const probes = ["probeSecond", "probe"].map((name) => host.succeed(command(name)));
  const [report] = await Promise.race([Promise.all(probes), other.died]);
  expect(report).not.toContain("640x360");
  for (const plan of ["plan", "planSecond"]) expect(await host.succeed(command(plan))).toContain("no changes");
  await other.stop();
  await otherServer.stop();
});

const speech = needs(Boolean(process.env.SPEECH), "the speech engines → npm run setup");
describe.runIf(isExhaustive)("captions-reach-the-player", speech, () => {
  let engine: Part;
  let captions: Part;

  test("viewers are offered the track, and it says what the camera says", async () => {
    host.write("/etc/lectern-test/speech.txt", readFileSync("checks/vm/lib/speech.txt"));
    engine = await startEngine(host);
    captions = await startCaptions(host);
    await camera.stop();
    camera = host.start("publish", untilItRuns(command("publishSpeech")));
    const parts = [camera.died, engine.died, captions.died];
    await Promise.race([host.untilSucceeds(command("trackIsOffered")), ...parts]);
    await Promise.race([host.untilSucceeds(command("transcript")), ...parts]);
  });

  test("without the engine the picture goes on, and captions come back", async () => {
    await engine.stop();
    // In a virtual machine, systemd starts it again.
    await host.succeed(command("probe"));
    engine = await startEngine(host);
    await host.untilSucceeds(command("trackIsOffered"));
  });

  test("without the service viewers are offered no track", async () => {
    await captions.stop();
    expect((await host.run(command("trackIsOffered"))).code).toBe(1);
    await host.succeed(command("probe"));
    await engine.stop();
  });
});

// This must be the last: from here on live.test resolves to another Caddy.
describe.runIf(isExhaustive)("acme-issues-a-certificate", () => {
  test("a viewer who trusts the authority gets every declared rendition", async () => {
    // The other tests' Caddy keeps its address.
    const address = "127.0.0.3";
    host.write("/etc/hosts", `${namesOfHost([authorityName])}${address} live.test\n`);
    const authority = await startAuthority(host);
    await authority.writeRoot("/var/lib/lectern-test/root.crt");
    await authority.pointName("live.test", address);
    const caddy = await startAcmeSite(host, { authority, address });
    const trusted = "curl -fsS -m 5 --cacert /var/lib/lectern-test/root.crt https://live.test/api/status";
    await Promise.race([host.untilSucceeds(trusted), caddy.died]);
    await host.succeed(command("probeWithAcme"));
  });
});

test.runIf(isExhaustive)("every command line of the VM tests was run", speech, () => {
  expect([...ran].sort()).toEqual(Object.keys(commands).sort());
});
