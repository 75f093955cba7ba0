// Notices as they are written, in every tab of a browser over one connection: the tab that holds a lock has it, and passes on what
// comes. Where a browser has no locks, each tab has its own while it is looked at.
(() => {
  const key = `notices-${document.currentScript.dataset.reader}`;
  let shared = navigator.locks && "BroadcastChannel" in self;
  let channel = shared ? new BroadcastChannel(key) : null;
  const visible = () => document.visibilityState === "visible";
  let source, leaving, waiting, hiding, last, heard = 0, failures = 0, stopped = false;

  // What a browser kept of pages that say "signed out" is not true any more: coming back, they compare this (`anew.js`).
  try {
    localStorage.setItem("signed-in", Date.now());
  } catch {}

  // The last number, from which the next tab goes on.
  const kept = (number) => {
    try {
      if (number === undefined) return localStorage.getItem(key);
      if (number === null) localStorage.removeItem(key);
      else localStorage.setItem(key, number);
    } catch {}
    return null;
  };

  const box = document.createElement("p");
  box.className = "told";
  box.setAttribute("role", "status");
  box.setAttribute("aria-live", "polite");
  document.body.append(box);
  const toast = ({ text, href, id }) => {
    const link = document.createElement("a");
    link.href = href || "/notices";
    link.textContent = text;
    link.onclick = () => navigator.sendBeacon("/api/open-notice", new URLSearchParams({ notice: id }));
    box.replaceChildren(link);
    clearTimeout(hiding);
    hiding = setTimeout(() => box.replaceChildren(), 8000);
  };

  const badges = () => document.querySelectorAll("[data-unread]");
  const show = (news) => {
    let changed = news.event !== "unread";
    for (const badge of badges()) {
      changed ||= badge.dataset.unread !== `${news.unread}`;
      badge.dataset.unread = news.unread;
      badge.hidden = !news.unread;
      badge.textContent = news.unread > 99 ? "99+" : news.unread;
    }
    for (const label of document.querySelectorAll("[data-unread-label]")) label.textContent = news.label;
    if (changed) dispatchEvent(new Event("notices"));
    // Who is where it leads sees it there.
    const there = ["/notices", new URL(news.href || "/notices", location).pathname].includes(location.pathname);
    if (news.event === "notice" && news.age < 60 && visible() && !there) toast(news);
  };

  const close = () => {
    if (source) source.close();
    source = null;
  };
  const open = () => {
    if (source || stopped) return;
    const number = kept();
    source = new EventSource(`/notices/stream${number ? `?after=${number}` : ""}`);
    for (const event of ["notice", "unread", "reset"]) {
      source.addEventListener(event, (message) => {
        [failures, heard] = [0, Date.now()];
        kept(message.lastEventId);
        last = { ...JSON.parse(message.data), event };
        if (channel) channel.postMessage(last);
        show(last);
      });
    }
    // Signed out, or opened in too many places: until somebody looks here again.
    source.addEventListener("over", () => {
      stopped = true;
      close();
    });
    // What the browser does not try again by itself.
    source.onerror = () => {
      if (!source || source.readyState !== EventSource.CLOSED) return;
      close();
      failures += 1;
      if (failures < 6) setTimeout(() => (leaving || visible()) && open(), (1 + Math.random()) * 1000 * 2 ** failures);
    };
  };

  // A connection that was silent for long may be gone without a word.
  const refresh = () => {
    [stopped, failures] = [false, 0];
    if (source && source.readyState === EventSource.OPEN && Date.now() - heard < 30000) {
      if (channel) channel.postMessage({ ...last, event: "unread" });
      return;
    }
    close();
    open();
  };
  const lead = (how) => {
    const held = () => new Promise((leave) => {
      leaving = leave;
      clearTimeout(waiting);
      refresh();
    });
    navigator.locks.request(key, how, held).catch(({ name }) => {
      leaving = null;
      close();
      // Another takes over from a tab that sleeps. Where a browser gives no lock at all, each tab has its own connection.
      if (name === "AbortError") return lead({});
      clearTimeout(waiting);
      if (channel) channel.close();
      [shared, channel] = [false, null];
      start();
    });
  };
  const end = () => {
    // At once, in every tab: what somebody looked for is nothing to whoever comes after them. So says each page where nobody is signed
    // in any more (`anew.js`).
    try {
      localStorage.removeItem("searched");
      localStorage.removeItem("signed-in");
    } catch {}
    stopped = true;
    close();
    kept(null);
  };

  const look = () => {
    if (!shared || leaving) return refresh();
    channel.postMessage("ask");
    clearTimeout(waiting);
    waiting = setTimeout(() => lead({ steal: true }), 400);
  };
  if (shared) {
    channel.onmessage = ({ data }) => {
      if (data === "out") return end();
      if (data === "ask") {
        if (!leaving) return;
        channel.postMessage("here");
        return refresh();
      }
      clearTimeout(waiting);
      if (data !== "here") show(data);
    };
  }
  const start = () => {
    if (shared) lead({});
    else if (visible()) open();
  };
  // Whoever is suspended is told nothing: for them this only hides what their browser kept.
  if (document.currentScript.dataset.reader) {
    // Once everything else is there: what a page needs goes first.
    addEventListener("load", start);
    document.addEventListener("visibilitychange", () => {
      if (visible()) look();
      else if (!shared) close();
    });
  }
  addEventListener("pagehide", ({ persisted }) => {
    // Whoever goes back to what the browser kept may have signed out since: there is nothing to see until `anew.js` reads it anew.
    document.body.hidden = persisted;
    close();
    if (leaving) leaving();
    leaving = null;
  });
  addEventListener("submit", ({ target }) => {
    if (!target.action || !`${target.action}`.includes("sign-out")) return;
    if (channel) channel.postMessage("out");
    end();
  }, true);
})();
