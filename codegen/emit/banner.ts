/** What every generated file says of itself: where its content is edited, and what makes it again. */
export const banner = (source: string): readonly string[] => [
  "Generated; do not edit.",
  `Source: ${source}`,
  "After an edit there: npm run codegen",
];
