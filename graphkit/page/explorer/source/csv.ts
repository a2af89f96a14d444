/** CSV for spreadsheets: RFC 4180, without cells that a spreadsheet takes for formulas. */

/** Write one cell; one that a spreadsheet might evaluate is prefixed with an apostrophe. */
export function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) && !/^-\d+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Write rows of cells, with the byte order mark by which spreadsheets recognise UTF-8. */
export function csv(rows: Iterable<readonly string[]>): string {
  let text = "\ufeff";
  for (const row of rows) text += `${row.map(cell).join(",")}\r\n`;
  return text;
}
