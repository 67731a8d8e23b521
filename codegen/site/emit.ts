import { caddyFiles } from "./caddy.ts";
import { edgeFiles } from "./edge.ts";
import { nginxFiles } from "./nginx.ts";
import { rulesPage } from "./table.ts";

/** The sites' text by paths below `generated/`: templates for each front, and the table of rules for people. */
export const siteFiles = (): readonly (readonly [string, string])[] =>
  [...caddyFiles(), ...nginxFiles(), ...edgeFiles(), ["rules.md", rulesPage()] as const].map(([name, text]) => [
    `site/${name}`,
    text,
  ]);
