// The service worker of 59초: shows what is pushed and leads to it, and has a page to show while the network is away. That page, which
// says nothing of anybody, is all that it keeps; whatever else is asked for goes to the network as if there were no worker.
//
// A worker that is broken locks nobody out. The browser itself asks for this file with every page that is opened, past every cache,
// and what is another file takes over at once; a failure in here comes to the page that is kept, or to the browser's own.

/** By what the page is told from those of other builds, as the server writes it here: another page is another worker. */
const VERSION = "{version}";
const KEPT = `offline-${VERSION}`;
const PAGE = "/offline";

self.addEventListener("install", (event) => {
  // Whatever the one before it does, nobody has to close their tabs to be rid of it.
  self.skipWaiting();
  const keep = async () => {
    const kept = await caches.open(KEPT);
    // As somebody whom the site does not know.
    await kept.add(new Request(PAGE, { credentials: "omit", cache: "reload" }));
  };
  event.waitUntil(keep());
  // Browsers that know this ask the worker for pages alone, and do not start it for anything that a page loads.
  event.addRoutes?.({ condition: { not: { requestMode: "navigate" } }, source: "network" })?.catch(() => {});
});

// Pages that are open go on without it: to take them over would end those that the browser keeps to go back to.
self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
    // A page is asked for while the worker starts, not after.
    await self.registration.navigationPreload?.enable();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { mode, method } = event.request;
  if (mode !== "navigate" || method !== "GET") return;
  const answer = async () => {
    try {
      return (await event.preloadResponse) ?? (await fetch(event.request));
    } catch {
      return (await caches.match(PAGE, { cacheName: KEPT }).catch(() => undefined)) ?? Response.error();
    }
  };
  event.respondWith(answer());
});

/** Shows a notice. One of the same tag takes the place of the one before it. */
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    // Browsers want something to be shown for everything that is pushed.
  }
  const { title = "59초", body = "", url = "/notices", tag, lang } = told;
  const [icon, badge] = ["/icons/192.png", "/icons/badge-96.png"];
  event.waitUntil(self.registration.showNotification(title, { body, tag, lang, icon, badge, data: { url } }));
});

/** Opens what a notice is about, in a tab that shows it already where there is one. */
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  let to = new URL(event.notification.data?.url ?? "/notices", self.location.origin);
  if (to.origin !== self.location.origin) to = new URL("/notices", self.location.origin);
  const open = async () => {
    const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const there = tabs.find((tab) => tab.url === to.href);
    await (there ? there.focus() : self.clients.openWindow(to.href));
  };
  event.waitUntil(open());
});

/** The browser's address changed: the site is told the new one, in the place of the old. */
self.addEventListener("pushsubscriptionchange", (event) => {
  const renew = async () => {
    const options = event.oldSubscription?.options;
    const fresh = event.newSubscription ?? (options && (await self.registration.pushManager.subscribe(options)));
    if (!fresh) return;
    const { endpoint, keys } = fresh.toJSON();
    const old = event.oldSubscription?.endpoint ?? "";
    const lang = self.navigator.language.startsWith("en") ? "en" : "ko";
    const body = new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth, old, lang });
    await fetch("/api/add-push-endpoint", { method: "POST", body });
  };
  event.waitUntil(renew());
});
