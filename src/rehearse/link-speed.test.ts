import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { linkMbit } from "./link-speed.ts";

const root = mkdtempSync(join(tmpdir(), "lectern-link-"));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const head = "Iface\tDestination\tGateway \tFlags\n";
const routes = `${head}docker0\t000011AC\t00000000\t0001\neth0\t00000000\t010011AC\t0003\n`;

it.each([
  { claim: "is the default route's", route: routes, speeds: { eth0: "1000\n", docker0: "10000\n" }, mbit: 1000 },
  { claim: "is not known of a virtual device", route: routes, speeds: { eth0: "-1\n" }, mbit: undefined },
  { claim: "is not known of a device without one", route: routes, speeds: {}, mbit: undefined },
  { claim: "is not known without a default route", route: head, speeds: { eth0: "1000\n" }, mbit: undefined },
  { claim: "is not known without /proc", route: undefined, speeds: {}, mbit: undefined },
  {
    claim: "is not known of a tunnel, which always tells 10",
    route: routes,
    speeds: { eth0: "10\n" },
    mbit: undefined,
    isTunnel: true,
  },
  { claim: "is never read elsewhere", route: `${head}..\t00000000\t0\n`, speeds: { "..": "7" }, mbit: undefined },
])("the link's speed $claim", ({ route, speeds, mbit, isTunnel = false }) => {
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  if (route !== undefined) put("proc/net/route", route);
  for (const [device, text] of Object.entries(speeds)) put(`sys/class/net/${device}/speed`, text);
  if (isTunnel) put("sys/class/net/eth0/tun_flags", "0x1001\n");
  expect(linkMbit(root)).toBe(mbit);
});
