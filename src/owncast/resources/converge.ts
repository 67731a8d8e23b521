import { resourceFields } from "../../../codegen/schema/owncast/owncast.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { isLost, type WriteResult, writeAndReadAgain } from "../client/client.ts";
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

/** Every kind, in the order in which they are written. */
export const kinds: readonly ResourceKind[] = [logo, favicon, emoji, webhooks, accessTokens];

/** The changes that one kind's setting needs on this server. */
export interface ResourcePlan {
  readonly kind: ResourceKind;
  readonly path: string;
  readonly state: ResourceState;
  readonly steps: readonly ResourceStep[];
  /** On the server, not in the seed, and left alone. */
  readonly extras: readonly Found[];
}

/** A step that did not have its effect, and the response to the attempt, if there was one. */
export interface Unsettled {
  readonly step: ResourceStep;
  readonly result: WriteResult | undefined;
  readonly since?: string;
}

const fieldOf = ({ resource }: ResourceKind) => resourceFields.find(({ meta }) => meta.resource === resource)!;

/** Compares every kind that the seed declares, and asks nothing about the others. Throws CliError as the client does. */
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
  const { path } = fieldOf(kind);
  return state && { kind, path, state, ...diffResource(path, state) };
}

/**
 * Applies a plan and reads again. After a lost connection it makes a new plan, so that no resource is made twice. Resolves to
 * the remaining plan, and the steps without their effect.
 */
export async function applyResources(
  plan: ResourcePlan,
  seed: Seed,
  server: ResourceServer,
  onResult: (step: ResourceStep, result: WriteResult) => void,
): Promise<{ readonly plan: ResourcePlan; readonly unsettled: readonly Unsettled[] }> {
  let left = plan;
  const results = new Map<string, WriteResult>();
  const write = async (): Promise<WriteResult> => {
    let worst: WriteResult = { status: 200, message: "" };
    for (const step of left.steps) {
      const result = await step.write();
      results.set(step.name, result);
      if (isLost(result)) worst = result;
      onResult(step, result);
    }
    return worst;
  };
  const isThere = async (): Promise<boolean> => {
    left = (await planKind(plan.kind, seed, server)) ?? plan;
    return left.steps.length === 0;
  };
  if (plan.steps.length > 0) await writeAndReadAgain(write, isThere);
  const { since } = fieldOf(plan.kind).meta;
  const unsettled = left.steps.map((step) => ({ step, result: results.get(step.name), ...(since && { since }) }));
  return { plan: left, unsettled };
}
