// Whether this browser tells its reader what is new, and the buttons for it, in the element with `data-push`: the site's public key.
// Asks for permission only when the button is pressed.

(() => {
  if (window.pushIsShown) return window.pushIsShown();

  const place = () => document.querySelector("[data-push]");
  const registered = () => navigator.serviceWorker.getRegistration("/");
  // On iPhone and iPad nothing can be pushed before the site is on the home screen.
  const isApple = /iP(hone|ad|od)/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);

  const key = (text) => {
    const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
    return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
  };

  /** What the reader may know this browser by. */
  const label = () => {
    const agent = navigator.userAgent;
    const find = (names) => names.find(([, sign]) => sign.test(agent))?.[0];
    const browser = find([["Edge", /Edg/], ["Whale", /Whale/], ["Samsung Internet", /SamsungBrowser/], ["Opera", /OPR/], ["Firefox", /Firefox|FxiOS/], ["Chrome", /Chrome|CriOS/], ["Safari", /Safari/]]);
    const system = find([["iPhone", /iPhone/], ["iPad", /iPad/], ["Android", /Android/], ["Windows", /Windows/], ["Mac", /Macintosh/], ["Linux", /Linux/]]);
    return [browser, system].filter(Boolean).join(" · ");
  };

  const state = async () => {
    if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
      return isApple ? "install" : "unsupported";
    }
    if (Notification.permission === "denied") return "denied";
    const subscription = await (await registered())?.pushManager.getSubscription();
    if (!subscription || Notification.permission !== "granted") return "off";
    // It may have been removed from the list, or be another member's by now.
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
    const mark = Array.from(new Uint8Array(hash).slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
    return document.querySelector(`[data-device="${mark}"]`) ? "on" : "off";
  };

  const show = (now, failed = false) => {
    const there = place();
    if (!there) return;
    there.dataset.state = now;
    for (const part of there.querySelectorAll("[data-when]")) {
      part.hidden = part.dataset.when !== now && !(failed && part.dataset.when === "failed");
    }
  };

  const call = async (name, fields) => {
    const answer = await fetch(`/api/${name}`, { method: "POST", body: new URLSearchParams(fields), headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
  };

  const switchOn = async () => {
    const there = place();
    if ((await Notification.requestPermission()) !== "granted") return false;
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    const { pushManager } = await navigator.serviceWorker.ready;
    // What was subscribed to under another key of the site reaches nobody any more.
    await (await pushManager.getSubscription())?.unsubscribe();
    const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key(there.dataset.push) });
    const { endpoint, keys } = subscription.toJSON();
    try {
      await call("add-push-endpoint", { endpoint, p256dh: keys.p256dh, auth: keys.auth, label: label(), lang: there.dataset.lang });
    } catch (error) {
      await subscription.unsubscribe();
      throw error;
    }
    return true;
  };

  const switchOff = async () => {
    const subscription = await (await registered())?.pushManager.getSubscription();
    if (!subscription) return false;
    await call("remove-push-endpoint", { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
    return true;
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-push] [data-act]");
    if (!button) return;
    button.disabled = true;
    try {
      // The list of devices is another one then.
      if (await (button.dataset.act === "on" ? switchOn() : switchOff())) return location.reload();
      show(await state());
    } catch {
      show(await state(), true);
    }
    button.disabled = false;
  });

  window.pushIsShown = async () => show(await state());
  window.pushIsShown();
  // A page that is read again comes without what was shown.
  new MutationObserver(() => {
    if (place()) window.pushIsShown();
  }).observe(document.getElementById("content"), { childList: true, subtree: true });
})();
