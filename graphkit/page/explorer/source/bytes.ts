/** Unpacks blocks to bytes, and bytes to numbers: the counterpart of graphkit/page/explorer/varints.py. */

/** Tell whether this browser can unpack gzip. */
export function canUnpack(): boolean {
  return typeof DecompressionStream === "function";
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const direct = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  if (direct.fromBase64) return direct.fromBase64(base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Unpack gzip data in base64. */
export async function unpacked(base64: string): Promise<Uint8Array> {
  const stream = new Blob([decoded(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Unpack gzip data in base64 that holds UTF-8. */
export async function unpackedText(base64: string): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await unpacked(base64));
}

/** Reads varints, one column after the other. */
export class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  unsigned(): number {
    let byte = this.bytes[this.at++];
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80; // not shifted: shifts end at 32 bits
    do {
      byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    return value;
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }

  text(length: number): string {
    this.at += length;
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.bytes.subarray(this.at - length, this.at));
  }
}
