import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { named } from "./from-set-up.ts";
import type { Golden } from "./golden-files.ts";
import type { NodeSpec } from "./node-spec.ts";

/** Where a node has this machine's Python, its engines, and this tree. */
const python = "/opt/lectern/python";
const packages = "/opt/lectern/speech-packages";
const server = "/opt/lectern/tree/speech";

interface Places {
  readonly program: string;
  readonly standardLibrary: string;
  /** Python as a library; empty if the program contains it. */
  readonly library: string;
  readonly packages: string;
}

const ask = `
import json, os, sys, sysconfig
of = sysconfig.get_config_var
print(json.dumps({
    "program": os.path.realpath(sys.executable),
    "standardLibrary": sysconfig.get_path("stdlib"),
    "library": os.path.join(of("LIBDIR"), of("INSTSONAME")) if of("Py_ENABLE_SHARED") else "",
    "packages": sysconfig.get_path("purelib"),
}))`;

/**
 * Puts the speech server where the units look for it, as the package does: a script in `store` that runs this tree's server with this
 * machine's engines. The models that the units name are pocketsphinx's English one. Returns the mounts that the node needs too.
 */
export function laySpeech(store: string, goldens: readonly Golden[]): NodeSpec["binds"] {
  const from: Places = JSON.parse(execFileSync(named("SPEECH"), ["-c", ask], { encoding: "utf8" }));
  mkdirSync(join(store, "bin"), { recursive: true });
  const paths = `PYTHONHOME=${python} PYTHONPATH=${packages} LD_LIBRARY_PATH=${python}/lib`;
  const script = `#!/bin/sh\n${paths} exec ${python}/bin/python3 -B ${server} "$@"\n`;
  writeFileSync(join(store, "bin/lectern-speech"), script, { mode: 0o755 });
  const texts = goldens.flatMap((golden) => [...golden.values()].map(String)).join("\n");
  const models = new Set([...texts.matchAll(/ --model (\/\S+)/g)].map(([, path = ""]) => path));
  return [
    { source: from.program, target: `${python}/bin/python3` },
    { source: from.standardLibrary, target: `${python}/lib/${basename(from.standardLibrary)}` },
    ...(from.library === "" ? [] : [{ source: from.library, target: `${python}/lib/${basename(from.library)}` }]),
    { source: from.packages, target: packages },
    ...[...models].map((target) => ({ source: join(from.packages, "pocketsphinx/model/en-us"), target })),
  ];
}
