/** What passes the filters as CSV, for spreadsheets: RFC 4180, and no cell that a spreadsheet takes for a formula. */

/** Write one cell; what a spreadsheet might calculate gets an apostrophe before it. */
export function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) && !/^-\d+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Write rows of cells, with the byte order mark by which spreadsheets know UTF-8. */
export function csv(rows: Iterable<readonly string[]>): string {
  let text = "\ufeff";
  for (const row of rows) text += `${row.map(cell).join(",")}\r\n`;
  return text;
}
