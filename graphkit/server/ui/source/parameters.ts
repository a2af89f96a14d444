/** A question's parameters: each is a line `VALUES ?name { UNDEF }` of its text, filled in from a field. */

import { element } from "./element";
import type { Parameter, Question } from "./questions";

const NAME = /^\w+$/;

/** Match the line of a parameter; its group is what stands between the braces. */
function lineOf(name: string): RegExp | undefined {
  if (!NAME.test(name)) return undefined;
  return new RegExp(`VALUES\\s+\\?${name}\\s*\\{((?:"(?:[^"\\\\]|\\\\.)*"|<[^>]*>|[^}"<])*)\\}`);
}

/** Leave out what the parameters are set to, so that a question is known whatever they are. */
export function withoutValues(text: string, parameters: readonly Parameter[]): string {
  let bare = text.trim();
  for (const { name } of parameters) {
    const line = lineOf(name);
    if (line) bare = bare.replace(line, () => `VALUES ?${name} {}`);
  }
  return bare;
}

/** Write what was typed as a term of the parameter's type. */
function termOf(typed: string, type: string): string {
  if (type === "IRI") return `<${typed.replace(/^<|>$/g, "").replace(/[\u0000-\u0020<>"{}|\\^`]/g, encodeURIComponent)}>`;
  if (/^(integer|number|decimal)$/.test(type) && /^[+-]?\d+(\.\d+)?$/.test(typed)) return typed;
  const escaped = typed.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
  return `"${escaped}"${type === "date" ? "^^<http://www.w3.org/2001/XMLSchema#date>" : ""}`;
}

function typedIn(between: string): string {
  const text = between.trim();
  if (text === "UNDEF") return "";
  const literal = /^"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  if (literal !== undefined) return literal.replace(/\\(.)/g, (_, sign: string) => ({ n: "\n", r: "\r", t: "\t" })[sign] ?? sign);
  return text.replace(/^<|>$/g, "");
}

/** Draw a field for each parameter; a change rewrites the text, Enter runs it. */
export function drawFields(
  question: Question,
  read: () => string,
  write: (text: string) => void,
  run: () => void,
): HTMLElement[] {
  return question.parameters.flatMap((parameter) => {
    const line = lineOf(parameter.name);
    const now = line?.exec(read());
    if (!line || !now) return [];
    const label = element("label", "parameter");
    const field = element("input");
    field.type = parameter.type === "date" ? "date" : "text";
    field.name = parameter.name;
    field.placeholder = parameter.default;
    field.value = typedIn(now[1] ?? "");
    field.autocomplete = "off";
    field.spellcheck = false;
    const unset = line.exec(question.text)?.[1] ?? " UNDEF ";
    field.addEventListener("input", () => {
      const term = field.value ? ` ${termOf(field.value, parameter.type)} ` : unset;
      write(read().replace(line, () => `VALUES ?${parameter.name} {${term}}`));
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") run();
    });
    label.append(element("span", "parameter-name", parameter.name), field, element("small", "", parameter.help));
    return [label];
  });
}
