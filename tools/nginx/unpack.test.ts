import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { needs } from "../../checks/lib/needs.ts";
import { SetupError } from "../process/errors.mjs";
import { thisMachine } from "../setup/machine.mjs";
import { fetchNginx, unpackNginx } from "./unpack.mjs";

const folder = mkdtempSync(join(tmpdir(), "lectern-nginx-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("nginx's own folder", () => {
  it("runs it by the libraries in it, also through a link, passes on each word, and drops a variable that nginx reads otherwise", () => {
    const root = join(folder, "a folder");
    for (const each of ["bin", "lib"]) mkdirSync(join(root, each), { recursive: true });
    cpSync("tools/nginx/run-nginx.sh", join(root, "bin/nginx"));
    writeFileSync(
      join(root, "lib/ld-linux-any.so.2"),
      '#!/bin/sh\nprintf "%s\\n" "$@" "$(printenv NGINX || echo none)"\n',
      {
        mode: 0o755,
      },
    );
    const link = join(folder, "nginx");
    symlinkSync(join(root, "bin/nginx"), link);
    const words = execFileSync(link, ["-g", "daemon off;"], { encoding: "utf8", env: { ...process.env, NGINX: link } })
      .trimEnd()
      .split("\n");
    expect(words).toEqual([
      ...["--library-path", `${root}/lib`],
      ...[`${root}/libexec/nginx`, "-g", "daemon off;"],
      "none",
    ]);
  });
});

const apt = needs(thisMachine.find("apt-get") !== undefined, "apt-get → run it on Debian or Ubuntu");
describe("a mirror that does not answer", apt, () => {
  const options = { signal: new AbortController().signal, onWait: () => {} };
  const work = { target: join(folder, "forky-0/root/bin/nginx"), mirror: "http://127.0.0.1:1/debian" };

  it("is a problem for a benchmark, with its reason and its remedy", async () => {
    const error: unknown = await fetchNginx(work, options).catch((reason) => reason);
    expect(error).toBeInstanceOf(SetupError);
    expect(error).toMatchObject({
      message: expect.stringContaining("Could not connect"),
      remedy: expect.stringContaining("set NGINX"),
    });
  });

  it("stops no test that works without nginx", async () => expect(await unpackNginx(work, options)).toBeUndefined());
});
