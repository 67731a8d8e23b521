import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { checkDisk, checkPorts, namedPorts } from "./checks.mjs";

describe("checkDisk", () => {
  it("names each folder without enough room, and its free space", () => {
    const free: Record<string, number> = { "/cache": 1.25e9, "/tree": 2e9, "/modules": 1.25e9, "/other": 5e8 };
    expect(checkDisk(Object.keys(free), (folder) => free[folder] ?? 0).map(({ what }) => what)).toEqual([
      "1.3 GB of disk are free for /cache, /modules; the set-up needs 2 GB",
      "0.5 GB of disk are free for /other; the set-up needs 2 GB",
    ]);
  });
});

describe("namedPorts", () => {
  it.each([
    { args: [], ports: [] },
    { args: ["--once", "--https-port", "9443"], ports: [{ option: "--https-port", value: "9443" }] },
    { args: ["--rtmp-port=1936"], ports: [{ option: "--rtmp-port", value: "1936" }] },
    { args: ["--rtmp-port=1", "--rtmp-port", "2"], ports: [{ option: "--rtmp-port", value: "2" }] },
    { args: ["--admin-port"], ports: [{ option: "--admin-port", value: "" }] },
  ])("reads $args", ({ args, ports }) => expect(namedPorts(args)).toEqual(ports));
});

describe("checkPorts", () => {
  it("names the port that is in use and the next free one", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const [problem] = await checkPorts([{ option: "--https-port", value: String(port) }]);
    server.close();
    expect(problem?.what).toContain(`--https-port ${port}: the port is taken`);
    expect(Number(/--https-port (\d+) is free/.exec(problem?.remedy ?? "")?.[1])).toBeGreaterThan(port);
    await once(server, "close");
    expect(await checkPorts([{ option: "--https-port", value: String(port) }])).toEqual([]);
  });

  it.each(["", "0", "65536", "http"])("refuses %j", async (value) =>
    expect(await checkPorts([{ option: "--rtmp-port", value }])).toMatchObject([
      { what: expect.stringContaining("not a port") },
    ]),
  );
});
