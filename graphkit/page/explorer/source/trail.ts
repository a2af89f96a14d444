/**
 * The way here, so that one can go back: the browser's history where the page has an address of its own, else a list.
 * A page inside of another page's frame has none.
 */

export class Trail {
  private readonly own: string[] = [];
  private framed = false;
  private last: string;

  /** `onBack` is told the address that was gone back (or forward) to. */
  constructor(private readonly onBack: (address: string) => void) {
    this.last = this.read();
    window.addEventListener("popstate", () => {
      this.last = this.read();
      this.onBack(this.last);
    });
  }

  /** The address as it is now, without "#". */
  read(): string {
    return window.location.hash.replace(/^#/, "");
  }

  /** Whether there is anything to go back to. */
  get any(): boolean {
    return this.framed ? this.own.length > 0 : depth() > 0;
  }

  /** Whether the page has an address that can be shared. */
  get shareable(): boolean {
    return !this.framed && window.location.protocol !== "about:";
  }

  /** A step on: going back leads to what was before. */
  push(address: string): void {
    this.write(address, () => window.history.pushState({ depth: depth() + 1 }, "", `#${address}`), true);
  }

  /** The same place, told otherwise. */
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
        this.framed = true; // a frame without an address, or too many steps in too short a time
      }
    }
    if (step) this.own.push(before);
  }
}

function depth(): number {
  const state: unknown = window.history.state;
  return typeof state === "object" && state !== null && "depth" in state && typeof state.depth === "number" ? state.depth : 0;
}
