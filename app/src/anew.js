(() => {
  const { build, said, here, answers, reader } = document.currentScript.dataset;
  const KEPT = "loaded-anew";
  const WAITS = [0, 5, 30, 120];
  const FORGOTTEN = 600_000;
  const typed = new Set();
  let begun, asked, sent;
  addEventListener("input", ({ target }) => typed.add(target));
  addEventListener("submit", (event) => setTimeout(() => (sent ||= !event.defaultPrevented)));
  const busy = () =>
    sent ||
    [...typed].some(({ isConnected, value }) => isConnected && value) ||
    document.querySelector("form[aria-busy=true]");
  const say = () => {
    const [box, link] = [document.createElement("p"), document.createElement("a")];
    box.className = "outdated";
    box.setAttribute("role", "status");
    link.href = here;
    link.textContent = said;
    document.body.append(box);
    setTimeout(() => box.append(link), 100);
  };
  const anew = () => {
    if (begun) return;
    begun = true;
    let times = 0;
    try {
      const [before, at] = JSON.parse(sessionStorage[KEPT]);
      if (Date.now() - at <= FORGOTTEN) times = before;
    } catch {}
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", say);
    else say();
    if (answers || times >= WAITS.length) return;
    const load = () => {
      if (busy()) return;
      try {
        sessionStorage[KEPT] = JSON.stringify([times + 1, Date.now()]);
        location.replace(here);
      } catch {}
    };
    const waiting = setTimeout(load, WAITS[times] * 1000);
    for (const left of ["beforeunload", "pagehide"]) addEventListener(left, () => clearTimeout(waiting));
  };
  const look = async (again) => {
    const answer = await fetch(build, { method: "HEAD", cache: "no-store" }).catch(() => {});
    if (answer?.status === 404) anew();
    else if (again) setTimeout(look, 1000, again - 1);
    else asked = false;
  };
  const missed = () => {
    if (!asked) look(4);
    asked = true;
  };
  addEventListener("outdated", anew);
  addEventListener("unhandledrejection", missed);
  addEventListener("error", ({ target }) => target.matches?.("script, link[rel=stylesheet]") && missed(), true);
  const mark = () => {
    try {
      return localStorage["signed-in"];
    } catch {}
  };
  try {
    if (reader === undefined && mark())
      for (const key of Object.keys(localStorage))
        if (/^(searched|signed-in|notices-)/.test(key)) localStorage.removeItem(key);
  } catch {}
  const before = mark();
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted || (!document.body.hidden && mark() === before)) return;
    answers ? location.replace(here) : location.reload();
  });
})();
