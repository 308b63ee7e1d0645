// The installed app's shell: the page without a server says so instead of the browser's error page. Everything below
// CLIENT never changes and is taken from the cache; the page itself is always asked for, and kept for when nobody
// answers. Nothing that people see or send passes here: that goes by the WebSocket. A new version has a new CACHE.
"use strict";
const CACHE = "rendezvous CLIENT";
const PAGE = "/";
const SERVED_ELSEWHERE = ["/call/", "/p/"];     // where a proxy may have the backend's pages under the same name

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.add(new Request(PAGE, { cache: "reload" }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    const path = new URL(request.url).pathname;
    if (SERVED_ELSEWHERE.some((each) => path.startsWith(each))) return;
    event.respondWith(fetch(request).catch(async () => (await caches.match(PAGE)) || Response.error()));
  }
});

// "Rendezvous: Sam is waiting": a notice that is pressed leads into the open window, or into a new one.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const where = new URL((event.notification.data || {}).path || PAGE, self.location.origin);
  if (where.origin !== self.location.origin) return;
  event.waitUntil((async () => {
    const [open] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (!open) return self.clients.openWindow(where.href);
    await open.focus();
    return open.navigate(where.href);
  })());
});
