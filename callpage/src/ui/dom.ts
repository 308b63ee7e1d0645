// Elements from text: nothing that comes from elsewhere is ever markup.
type Handlers = { [Name in keyof HTMLElementEventMap as `on${Name}`]?: (event: HTMLElementEventMap[Name]) => void };
type Attributes = Handlers & { [name: string]: unknown };
export type Child = Node | string | null | false;

/** `on...` are handlers; true is an attribute without a value; false, null and undefined leave it out. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value as EventListener);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return made;
}

export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function show(node: HTMLElement, shown: boolean): void {
  node.hidden = !shown;
}

/** Puts the page's one screen in place. */
export function showScreen(screen: HTMLElement, title: string): void {
  document.title = `${title} - Rendezvous`;
  document.getElementById("page")?.replaceChildren(screen);
}

/** Read out by a screen reader, politely. */
export function announce(words: string): void {
  const said = document.getElementById("said");
  if (said && words) setText(said, words);
}
