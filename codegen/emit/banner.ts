/** The first lines of every generated file: which file to edit, and which command generates it again. */
export const banner = (source: string): readonly string[] => [
  "Generated; do not edit.",
  `Source: ${source}`,
  "After an edit there: npm run codegen",
];
