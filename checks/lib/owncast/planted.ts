import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess } from "../../../src/lib/child-process.ts";
import { secretForms } from "./secret-forms.ts";
import { type SecretScan, startSecretScan } from "./secret-scan.ts";

/**
 * Plants every form of every secret in a process's arguments, in another's environment, in a log file and in a command's
 * output, and scans. Resolves to the forms that the scan did not find: if there are any, the scan proves nothing. Another scan
 * at the same time sees the planted processes too, and drops them.
 */
export async function missedByScan(
  secrets: Readonly<Record<string, string>>,
  meanwhile?: SecretScan,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-planted-"));
  const forms = Object.entries(secrets).flatMap(([name, value]) =>
    secretForms(value).map(({ form, bytes }) => ({ label: `${name} (${form})`, text: `>${bytes}<` })),
  );
  const log = join(folder, "log");
  writeFileSync(log, forms.map(({ text }) => text).join("\n"));
  const scan = startSecretScan(secrets);
  scan.heard("a command", forms.map(({ text }) => text).join("\n"));
  const waiting = ["-e", "process.stdout.write('up'); setInterval(() => {}, 1000)"];
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const children = [
    spawn(process.execPath, [...waiting, ...forms.map(({ text }) => text)], { stdio: [...stdio] }),
    spawn(process.execPath, waiting, {
      stdio: [...stdio],
      env: Object.fromEntries(forms.map(({ text }, index) => [`PLANTED_${index}`, text])),
    }),
  ];
  try {
    await Promise.all(children.map(({ stdout }) => once(stdout, "data")));
    await scan.watch.stop();
    const found = scan.findings([folder]);
    const places = [`argv of process ${children[0]?.pid}`, `environment of process ${children[1]?.pid}`, log];
    const wanted = [...places, "what a command printed"].flatMap((place) =>
      forms.map(({ label }) => `${label} in ${place}`),
    );
    return wanted.filter((line) => !found.includes(line));
  } finally {
    for (const child of children) await endProcess(child);
    meanwhile?.watch.forget(children.map(({ pid }) => pid));
    rmSync(folder, { recursive: true });
  }
}
