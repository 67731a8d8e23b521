import { spawnSync } from "node:child_process";
import { findProgram } from "../../src/lib/programs.ts";
import { owncastVersion } from "../../tools/owncast/build.mjs";

/** Name and version of each measured program and of each tool. */
export function versions(): string[] {
  const { H2LOAD = "h2load", NGINX = "nginx" } = process.env;
  const said = (program: string, flag: string): string => {
    const { stdout, stderr } = spawnSync(program, [flag], { encoding: "utf8" });
    return `${stdout ?? ""}${stderr ?? ""}`.trim();
  };
  const caddy = said(findProgram("caddy"), "version").split(" ")[0];
  return [`Owncast ${owncastVersion}`, `Caddy ${caddy}`, said(NGINX, "-v"), said(H2LOAD, "--version")];
}
