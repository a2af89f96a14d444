/** One query to the endpoint, and its answer in the form that Yasr draws. */

const ENDPOINT = "/sparql";

export interface Answer {
  data?: string;
  contentType?: string;
  status?: number;
  executionTime: number;
  error?: { text: string; status?: number; statusText?: string };
}

/** Name the media type to ask for: triples for the forms that give triples, bindings otherwise. */
function acceptFor(form: string | undefined): string {
  return form === "CONSTRUCT" || form === "DESCRIBE"
    ? "text/turtle,*/*;q=0.1"
    : "application/sparql-results+json,*/*;q=0.1";
}

/** Post a query; whatever happens, except an abort, becomes an answer. */
export async function ask(query: string, form: string | undefined, signal: AbortSignal): Promise<Answer> {
  const start = performance.now();
  const elapsed = () => Math.max(1, Math.round(performance.now() - start));
  try {
    const response = await fetch(ENDPOINT, {
      method: "POST",
      headers: { Accept: acceptFor(form) },
      body: new URLSearchParams({ query }),
      signal,
    });
    const text = await response.text();
    if (!response.ok) {
      const { status, statusText } = response;
      const error = { status, statusText: statusText || "Error", text: text.trim() || statusText };
      return { error, executionTime: elapsed() };
    }
    return {
      data: text || "\n", // Yasr takes an empty text for no answer
      contentType: response.headers.get("content-type") ?? "text/plain",
      status: response.status,
      executionTime: elapsed(),
    };
  } catch (reason) {
    if (signal.aborted) throw reason;
    const text = `No answer from ${ENDPOINT}: ${reason instanceof Error ? reason.message : String(reason)}.`;
    return { error: { text: `${text}\nIs the server still running?` }, executionTime: elapsed() };
  }
}
