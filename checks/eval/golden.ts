// `npm run golden`: writes checks/golden/ and docs/options.md from the modules' evaluation.
// `git diff` shows the effect of a change.

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluate } from "./evaluate.ts";

const folder = fileURLToPath(new URL("../golden", import.meta.url));
const reference = fileURLToPath(new URL("../../docs/options.md", import.meta.url));

const { hosts, options } = await evaluate();
await writeFile(reference, options);
await mkdir(folder, { recursive: true });
for (const entry of await readdir(folder)) await rm(join(folder, entry), { recursive: true });
for (const [host, files] of Object.entries(hosts))
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, host, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
process.stderr.write(`docs/options.md, checks/golden/: ${Object.keys(hosts).join(", ")}\n`);
