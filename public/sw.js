// The service worker of 59초: shows what is pushed and leads to it. It keeps no pages and answers no requests.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/** Shows a notice. One of the same tag takes the place of the one before it. */
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    // Browsers want something to be shown for everything that is pushed.
  }
  const { title = "59초", body = "", url = "/notices", tag, lang } = told;
  event.waitUntil(self.registration.showNotification(title, { body, tag, lang, icon: "/favicon.svg", data: { url } }));
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
