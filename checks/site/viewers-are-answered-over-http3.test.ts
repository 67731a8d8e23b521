import { afterAll, beforeAll, expect, test } from "vitest";
import type { Machine } from "../lib/process/machine.ts";
import { goldenSite } from "../lib/site/golden-site.ts";
import { http3Answers, http3Command } from "../lib/site/http3.ts";
import {
  bootstrap,
  caddyStorage,
  goOnAir,
  keeperAddress,
  main,
  startCaddyWith,
  startHost,
  startKeeper,
  startServer,
} from "../lib/site/vm-stage.ts";

const caFile = "/etc/lectern-test/ca.crt";
const page = "https://live.test";
// A host with `http3.enable`. Its first stage runs here.
const caddyfile = goldenSite(
  "two",
  {
    "one.test": "live.test",
    "/var/log/caddy": `${caddyStorage}/log`,
    "/var/cache/lectern/main": `/var/lib/lectern/${main.name}`,
    "unix//run/lectern/main-keeper.sock": keeperAddress(main),
  },
  `\tadmin off\n\tstorage file_system "${caddyStorage}"\n`,
);
let host: Machine;
beforeAll(async () => {
  host = await startHost();
  await bootstrap(host);
  await startServer(host);
  await startKeeper(host);
  await startCaddyWith(host, caddyfile, `${page}/api/status`);
});
afterAll(() => host?.stop());

const ask = async (...urls: string[]) => {
  const command = http3Command(urls, { caFile }).map((word) => `'${word}'`);
  return http3Answers(await host.succeed(command.join(" ")));
};
const curl = (flags: string, url: string) => host.succeed(`curl -fsS -m 15 --cacert ${caFile} ${flags} '${url}'`);

test("responses over older HTTP offer HTTP/3 on the same port", async () => {
  expect(await curl("-o /dev/null -D -", page)).toMatch(/^alt-svc: h3=":443"; ma=[1-9]\d+\r?$/im);
});

test("page, playlists and a segment come over HTTP/3, the video byte for byte", async () => {
  const { segment } = await goOnAir(host);
  const types = new Map([
    [`${page}/`, "text/html"],
    [`${page}/api/status`, "application/json"],
    [`${page}/hls/stream.m3u8`, "application/x-mpegURL"],
    [`${page}/hls/1/stream.m3u8`, "application/x-mpegURL"],
    [segment, "video/mp2t"],
  ]);
  const answers = await ask(...types.keys());
  expect(answers.map(({ url, protocol, status, contentType }) => [url, protocol, status, contentType])).toEqual(
    [...types].map(([url, type]) => [url, "HTTP/3.0", 200, expect.stringContaining(type)]),
  );
  const overTcp = await curl("-o /var/lib/segment.ts -w '%{http_version} %{size_download}'", segment);
  const [hash] = (await host.succeed("sha256sum /var/lib/segment.ts")).split(" ");
  const { bytes, sha256 } = answers.at(-1)!;
  expect({ overTcp, hash }).toEqual({ overTcp: `2 ${bytes}`, hash: sha256 });
});

test("the admin page is closed over HTTP/3 too", async () => {
  const closed = await ask(`${page}/admin/`, `${page}/api/admin/serverconfig`);
  expect(closed.map(({ status }) => status)).toEqual([404, 404]);
});
