import { countChanges, type Plan, type Unmanaged } from "./apply.ts";
import type { Change } from "./diff.ts";
import type { ResourceStep } from "./resources/kind.ts";

const effect = { live: "now", "next-stream": "next stream" } as const;

const passwordLine = "  ~ access.adminPassword: changed (takes effect: now)";

/** A plan for people: grouped by area, old → new, when it takes effect, a closing count. Secrets are only "changed". */
export function planText(plan: Plan): string {
  const total = countChanges(plan);
  if (total === 0) return `no changes\n${unmanagedText(plan.unmanaged)}`;
  const areas = new Map<string, string[]>();
  const add = (path: string, line: string) => {
    const [area = ""] = path.split(".");
    areas.set(area, [...(areas.get(area) ?? []), line]);
  };
  for (const change of plan.changes) add(change.path, changeLine(change));
  for (const step of plan.resources) add(step.path, stepLine(step));
  if (plan.passwordChange) add("access.adminPassword", passwordLine);
  const groups = [...areas].map(([area, lines]) => `${area}\n${lines.join("\n")}`);
  const count = `${total} ${total === 1 ? "setting" : "settings"} to change\n`;
  return `${groups.join("\n\n")}\n\n${count}${unmanagedText(plan.unmanaged)}`;
}

/** What was written, on a line. */
export function writtenLine(written: Change | ResourceStep | "adminPassword"): string {
  if (written === "adminPassword") return passwordLine;
  return "action" in written ? stepLine(written) : changeLine(written);
}

/** One change on a line. */
export function changeLine({ path, secret, shown, takesEffect }: Change): string {
  const values = secret ? "changed" : `${brief(shown.have)} → ${brief(shown.want)}`;
  return `  ~ ${path}: ${values} (takes effect: ${effect[takesEffect]})`;
}

const signs = { create: "+", replace: "~", remove: "-" } as const;

/** A thing outside the configuration that is made, replaced or removed, on a line. */
function stepLine({ path, action, name, have, want }: ResourceStep): string {
  const values = [have, want].filter((value) => value).join(" → ");
  return `  ${signs[action]} ${path}${name && ` ${name}`}${values && `: ${values}`} (takes effect: now)`;
}

const shownNames = 8;

/** What is there, is not in the seed and stays: a line for each setting. */
export const unmanagedText = (unmanaged: readonly Unmanaged[]): string =>
  unmanaged
    .map(({ path, names }) => {
      const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : "";
      return `not managed: ${path} ${names.slice(0, shownNames).join(", ")}${more} (prune: true removes them)\n`;
    })
    .join("");

/** A plan for machines. Secret values are left out. */
export function planJson({ changes, passwordChange, resources, unmanaged }: Plan): string {
  const rows = changes.map(({ path, secret, shown, takesEffect }) => ({
    path,
    takesEffect,
    ...(secret ? { secret: true } : shown),
  }));
  // Written out, so that nothing else that a step may come to hold is printed with it.
  const steps = resources.map(({ path, action, name, have, want }) => ({
    path,
    takesEffect: "live",
    action,
    ...(name && { name }),
    have,
    want,
  }));
  const password = { path: "access.adminPassword", takesEffect: "live", secret: true };
  const all = [...rows, ...steps, ...(passwordChange ? [password] : [])];
  return `${JSON.stringify({ changes: all, unmanaged }, null, 2)}\n`;
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 70 ? `${text.slice(0, 67)}…` : text;
}
