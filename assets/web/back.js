// Going to the page that lies below in the browser's history is going back, however it was asked for: by the arrow on a
// page, or by a tab. Flutter would push that page once more, and the browser's Back would then lead forward.
// Flutter numbers its entries (MultiEntriesBrowserHistory: `serialCount` in each entry's state).
(() => {
  "use strict";
  const KEY = "rendezvous.paths";
  const push = history.pushState.bind(history);
  const pathOf = (url) => new URL(url, document.baseURI).pathname;
  const here = () => (history.state && history.state.serialCount) || 0;

  let paths = {};
  try {
    paths = JSON.parse(sessionStorage.getItem(KEY) || "{}");
  } catch (refused) { /* no storage: what this page load has seen */ }

  history.pushState = (state, title, url) => {
    const at = here();
    paths[at] = location.pathname;
    const path = pathOf(url);
    if (at > 0 && paths[at - 1] === path) {
      history.back();
      return;
    }
    push(state, title, url);
    paths[here()] = path;
    for (const later of Object.keys(paths)) if (Number(later) > here()) delete paths[later];
    try {
      sessionStorage.setItem(KEY, JSON.stringify(paths));
    } catch (refused) { /* as above */ }
  };
})();
