import type { Plan } from "./apply.ts";
import type { Change } from "./diff.ts";

const effect = { live: "now", "next-stream": "next stream" } as const;

/** A plan for people: grouped by area, old → new, when it takes effect, a closing count. Secrets are only "changed". */
export function planText({ changes, passwordChange }: Plan): string {
  const total = changes.length + (passwordChange ? 1 : 0);
  if (total === 0) return "no changes\n";
  const areas = new Map<string, string[]>();
  const add = (path: string, line: string) => {
    const [area = ""] = path.split(".");
    areas.set(area, [...(areas.get(area) ?? []), line]);
  };
  for (const change of changes) add(change.path, changeLine(change));
  if (passwordChange) add("access.adminPassword", "  ~ access.adminPassword: changed (takes effect: now)");
  const groups = [...areas].map(([area, lines]) => `${area}\n${lines.join("\n")}`);
  return `${groups.join("\n\n")}\n\n${total} ${total === 1 ? "setting" : "settings"} to change\n`;
}

/** One change on a line. */
export function changeLine({ path, secret, have, want, takesEffect }: Change): string {
  const values = secret ? "changed" : `${brief(have)} → ${brief(want)}`;
  return `  ~ ${path}: ${values} (takes effect: ${effect[takesEffect]})`;
}

/** A plan for machines. Secret values are left out. */
export function planJson({ changes, passwordChange }: Plan): string {
  const rows = changes.map(({ path, secret, have, want, takesEffect }) => ({
    path,
    takesEffect,
    ...(secret ? { secret: true } : { have, want }),
  }));
  const password = { path: "access.adminPassword", takesEffect: "live", secret: true };
  return `${JSON.stringify({ changes: passwordChange ? [...rows, password] : rows }, null, 2)}\n`;
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 70 ? `${text.slice(0, 67)}…` : text;
}
