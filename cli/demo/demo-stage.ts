import type { Seed } from "../../generated/seed.d.ts";
import { outsideSecretNames } from "../reconcile/secrets.ts";
import { withoutSecrets, withoutSetting } from "../reconcile/without-secrets.ts";

/** What the demo runs of a stage, and a sentence for each difference from what its file says. */
export interface DemoStage {
  readonly seed: Seed;
  readonly differences: readonly string[];
}

/** The stage as the demo can run it: without what leads out of its network, and without what needs secrets that nobody gave. */
export function demoStage(declared: Seed, { hasSecrets }: { readonly hasSecrets: boolean }): DemoStage {
  const leading = leadingOut(declared);
  const local = leading.reduce(withoutSetting, declared);
  if (hasSecrets) return { seed: local, differences: leading.map(leadsOut) };
  const { seed, leftOut } = withoutSecrets(local, outsideSecretNames(local));
  const lacking = leftOut.map(
    ({ path, secrets }) =>
      `${path} is left out: nobody gave the secret ${secrets.join(", ")}; --secrets DIR names a folder that holds it`,
  );
  return { seed, differences: [...leading.map(leadsOut), ...lacking] };
}

/** Settings that would send viewers to where the demo's Owncast puts nothing, for no network leads there. */
function leadingOut(seed: Seed): string[] {
  const { objectStorage, servingEndpoint } = seed.storage ?? {};
  return [
    ...(objectStorage?.enabled ? ["storage.objectStorage"] : []),
    ...(servingEndpoint ? ["storage.servingEndpoint"] : []),
  ];
}

const leadsOut = (path: string): string =>
  `${path} is left out: the demo's Owncast reaches no network, so players would find no video there`;
