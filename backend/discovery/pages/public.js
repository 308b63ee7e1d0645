// Shows the free times by the viewer's own clock and calendar. Without it the page says them in the professional's zone.
(() => {
  "use strict";
  const days = document.getElementById("days");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!days || !zone) return;

  // The page is in English; only whether clocks count to 12 or 24 is the viewer's.
  const cycle = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hourCycle || "h23";
  const twelve = cycle === "h12" || cycle === "h11";
  const clock = twelve
    ? new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit", timeZone: zone })
    : new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
  const calendar = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: zone });

  const dayWords = (instant) => calendar.format(instant).replace(",", "");
  const now = new Date();
  const near = new Map([
    [dayWords(now), "Today"],
    [dayWords(new Date(now.getTime() + 86400000)), "Tomorrow"],
  ]);

  const shown = document.createDocumentFragment();
  let words = "", list = null;
  for (const item of [...days.querySelectorAll("li")]) {
    const time = item.querySelector("time");
    const instant = new Date(time.dateTime);
    if (instant <= now) continue;
    time.textContent = clock.format(instant);
    if (!list || dayWords(instant) !== words) {
      words = dayWords(instant);
      const section = document.createElement("section");
      const heading = document.createElement("h3");
      heading.textContent = near.has(words) ? `${near.get(words)}, ${words}` : words;
      list = document.createElement("ul");
      list.className = "times";
      section.append(heading, list);
      shown.append(section);
    }
    list.append(item);
  }
  document.getElementById("over").hidden = shown.childElementCount > 0;
  days.replaceChildren(shown);
  const place = zone.split("/").pop().replaceAll("_", " ");
  document.getElementById("zone").textContent = `Times are in your time zone (${place}).`;
})();
