import type { Resource } from "../../../codegen/schema/core/registry.ts";
import { resourceFields } from "../../../codegen/schema/owncast/owncast.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { lost, type WriteResult } from "../client/client.ts";
import { accessTokens } from "./access-tokens.ts";
import { emoji } from "./emoji.ts";
import {
  diffResource,
  type Found,
  type ResourceKind,
  type ResourceServer,
  type ResourceState,
  type ResourceStep,
} from "./kind.ts";
import { favicon, logo } from "./page-pictures.ts";
import { webhooks } from "./webhooks.ts";

/** Every kind, in the order in which they are brought about. */
export const kinds: readonly ResourceKind[] = [logo, favicon, emoji, webhooks, accessTokens];

/** What one kind's setting asks for on this server. */
export interface ResourcePlan {
  readonly kind: ResourceKind;
  readonly path: string;
  readonly state: ResourceState;
  readonly steps: readonly ResourceStep[];
  /** There, not in the seed, and left alone. */
  readonly extras: readonly Found[];
}

/** Something that is not as the seed says after all, and what the server answered to the attempt, if there was one. */
export interface Unsettled {
  readonly step: ResourceStep;
  readonly answer: WriteResult | undefined;
  readonly since?: string;
}

const fieldOf = (resource: Resource) => resourceFields.find(({ meta }) => meta.resource === resource)!;

/** Compares every kind that the seed declares; asks nothing about the others. Throws CliError as the client does. */
export async function planResources(seed: Seed, server: ResourceServer): Promise<ResourcePlan[]> {
  const plans: ResourcePlan[] = [];
  for (const kind of kinds) {
    const plan = await planKind(kind, seed, server);
    if (plan) plans.push(plan);
  }
  return plans;
}

async function planKind(kind: ResourceKind, seed: Seed, server: ResourceServer): Promise<ResourcePlan | undefined> {
  const state = await kind.read(seed, server);
  const { path } = fieldOf(kind.resource);
  return state && { kind, path, state, ...diffResource(path, state) };
}

const maxRounds = 3;

/**
 * Does what a plan says and reads again. Where a connection was lost nobody knows what was done: then what is still to do
 * is worked out anew, a few times, so that nothing is made twice. Resolves to the plan that is left, and what did not settle.
 */
export async function applyResources(
  plan: ResourcePlan,
  seed: Seed,
  server: ResourceServer,
  onAnswer: (step: ResourceStep, answer: WriteResult) => void,
): Promise<{ readonly plan: ResourcePlan; readonly unsettled: readonly Unsettled[] }> {
  let now = plan;
  const answers = new Map<string, WriteResult>();
  for (let round = 1; now.steps.length > 0; round++) {
    let unknown = false;
    for (const step of now.steps) {
      const answer = await step.write();
      answers.set(step.name, answer);
      if (lost(answer)) unknown = true;
      onAnswer(step, answer);
    }
    now = (await planKind(plan.kind, seed, server)) ?? plan;
    if (!unknown || round === maxRounds) break;
  }
  const { since } = fieldOf(plan.kind.resource).meta;
  const unsettled = now.steps.map((step) => ({ step, answer: answers.get(step.name), ...(since && { since }) }));
  return { plan: now, unsettled };
}
