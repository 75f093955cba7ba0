(() => {
  const { build, said } = document.currentScript.dataset;
  const KEPT = "loaded-anew";
  const WAITS = [0, 5, 30, 120];
  const FORGOTTEN = 600_000;
  let begun, asked;
  const say = () => {
    const [box, link] = [document.createElement("p"), document.createElement("a")];
    box.className = "told";
    box.setAttribute("role", "status");
    link.href = "";
    link.textContent = said;
    box.append(link);
    document.body.append(box);
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
    if (times >= WAITS.length) return;
    const load = () => {
      try {
        sessionStorage[KEPT] = JSON.stringify([times + 1, Date.now()]);
        location.reload();
      } catch {}
    };
    const waiting = setTimeout(load, WAITS[times] * 1000);
    if (times) addEventListener("input", () => clearTimeout(waiting));
  };
  const look = async (again) => {
    const answer = await fetch(build, { method: "HEAD", cache: "no-store" }).catch(() => {});
    if (answer?.status === 404) anew();
    else if (again) setTimeout(look, 1000, again - 1);
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
  const before = mark();
  addEventListener("pageshow", ({ persisted }) => persisted && mark() !== before && location.reload());
})();
