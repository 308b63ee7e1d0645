// Starts Flet's client. The server puts the version into CLIENT (everything below it is kept by browsers for ever) and
// Flutter's own list of builds into BUILDS; it puts Flutter's loader between connection.js and this file.
(() => {
  "use strict";

  // Python runs on the server and cannot see this device's time zone, clock and week: they are left where Flet's
  // SharedPreferences look ("flutter." and JSON), under the names that app/state/core/kept/device.py reads.
  try {
    localStorage.setItem("flutter.rendezvous.device_zone",
      JSON.stringify(Intl.DateTimeFormat().resolvedOptions().timeZone || ""));
    const clock = Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
    localStorage.setItem("flutter.rendezvous.device_region",
      JSON.stringify(`${navigator.language || ""} ${clock.hourCycle || ""}`));
  } catch (refused) { /* no storage: the account's own zone is used */ }

  // WebKit brings a page back from its back/forward cache with Flutter's frames stopped; a fresh start is the cure.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && (navigator.vendor || "").startsWith("Apple")) window.location.reload();
  });

  const happens = (name) => new Promise((done) => window.addEventListener(name, done, { once: true }));
  const nextFrame = () => new Promise((done) => { requestAnimationFrame(done); });

  // Flutter's first frame is empty: the first screen comes by the socket (connection.js tells), and is drawn after it.
  const shown = Promise.all([happens("flutter-first-frame"), happens("rendezvous-first-screen")]).then(async () => {
    await nextFrame();
    await nextFrame();
    await window.rendezvousEarlyForm.left();
    const loading = document.getElementById("loading");
    loading.classList.add("over");
    loading.inert = true;
    loading.removeAttribute("role");
    loading.setAttribute("aria-hidden", "true");
    setTimeout(() => loading.remove(), 150);
  });

  // Flet's client reads these (flet 1.0.5, client/web/index.html).
  const flet = {
    pyodide: false, multiView: false, noCdn: true, webSocketEndpoint: "/ws", entrypointBaseUrl: "CLIENT/",
    assetBase: "CLIENT/", routeUrlStrategy: "path", canvasKitBaseUrl: "CLIENT/canvaskit/",
    fontFallbackBaseUrl: "/noto/", webRenderer: "auto",
  };
  flet.flutterAppLoaded = new Promise((resolve) => { flet.flutterAppResolve = resolve; });
  window.flet = flet;

  const config = {
    multiViewEnabled: false, entrypointBaseUrl: flet.entrypointBaseUrl, assetBase: flet.assetBase,
    canvasKitBaseUrl: flet.canvasKitBaseUrl, fontFallbackBaseUrl: flet.fontFallbackBaseUrl,
  };
  _flutter.buildConfig = BUILDS;
  _flutter.loader.load({
    config,
    onEntrypointLoaded: async (engine) => {
      flet.flutterApp = await (await engine.initializeEngine(config)).runApp();
      flet.flutterAppResolve(flet.flutterApp);
    },
  });

  // What nobody waits for comes after the first screen.
  if ("serviceWorker" in navigator) {
    shown.then(() => navigator.serviceWorker.register("/service-worker.js")).catch(() => {});
  }
})();
