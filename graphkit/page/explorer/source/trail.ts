/**
 * The views so far, so that one can go back: the browser's history if the page has a URL of its own, else a list. A page
 * in another page's frame has none.
 */

export class Trail {
  private readonly own: string[] = [];
  private framed = false;
  private last: string;

  /** `onBack` is called with the fragment to which the reader went back or forward. */
  constructor(private readonly onBack: (address: string) => void) {
    this.last = this.read();
    window.addEventListener("popstate", () => {
      this.last = this.read();
      this.onBack(this.last);
    });
  }

  /** The current fragment, without "#". */
  read(): string {
    return window.location.hash.replace(/^#/, "");
  }

  /** Whether there is anything to go back to. */
  get any(): boolean {
    return this.framed ? this.own.length > 0 : depth() > 0;
  }

  /** Whether the page has a URL that can be shared. */
  get shareable(): boolean {
    return !this.framed && window.location.protocol !== "about:";
  }

  /** Add a step, from which going back leads to the view before. */
  push(address: string): void {
    this.write(address, () => window.history.pushState({ depth: depth() + 1 }, "", `#${address}`), true);
  }

  /** Replace the current step. */
  replace(address: string): void {
    this.write(address, () => window.history.replaceState({ depth: depth() }, "", `#${address}`), false);
  }

  back(): void {
    if (!this.framed) {
      window.history.back();
      return;
    }
    const address = this.own.pop();
    if (address === undefined) return;
    this.last = address;
    this.onBack(address);
  }

  private write(address: string, inBrowser: () => void, step: boolean): void {
    const before = this.last;
    this.last = address;
    if (!this.framed) {
      try {
        inBrowser();
        return;
      } catch {
        this.framed = true; // a frame without a URL, or too many steps in too short a time
      }
    }
    if (step) this.own.push(before);
  }
}

function depth(): number {
  const state: unknown = window.history.state;
  return typeof state === "object" && state !== null && "depth" in state && typeof state.depth === "number" ? state.depth : 0;
}
