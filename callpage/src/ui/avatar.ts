// A person's picture, or their initials on a colour drawn from the name (app/components/design/avatar.py).
import { PROTOCOL } from "../call/protocol.ts";
import { el } from "./dom.ts";

export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const [first, last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  if (!first) return "?";
  return ([...first][0] ?? "").concat(last ? ([...last][0] ?? "") : "").toUpperCase();
}

/** CRC-32 as zlib has it, so that a name has the same colour in the app and here. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

export function avatar(name: string, photo: string | null, size: "small" | "middle" | "large"): HTMLElement {
  const number = crc32(name) % PROTOCOL.avatar_grounds.length;
  const face = el("span", { class: `avatar avatar-${size} ground-${number}`, "aria-hidden": "true" }, initials(name));
  if (photo) face.append(el("img", { src: photo, alt: "", onerror: (event) => (event.target as Element).remove() }));
  return face;
}
