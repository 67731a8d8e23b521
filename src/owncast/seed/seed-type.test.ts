import { expectTypeOf, test } from "vitest";
import type { SeedValue } from "../../../codegen/schema/stage/stage.ts";
import type { Seed } from "../../../generated/seed.d.ts";

test("the generated type is the schema's own (checked by the compiler)", () => {
  expectTypeOf<Seed>().toEqualTypeOf<SeedValue>();
});
