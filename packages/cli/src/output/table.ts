/** A column: its heading, and how it stands. */
export interface Column {
  readonly heading: string;
  /** Of figures. */
  readonly right?: true;
}

/** Rows below headings, each column as wide as it must be; no line ends with spaces. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map(({ heading }) => heading), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)));
  return all.map((row) =>
    columns
      .map(({ right }, index) => {
        const cell = row[index] ?? '';
        const width = widths[index] ?? 0;
        return right === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
