// The fragment carries an access token: it must not stay in the address bar or the history.
if (location.hash) history.replaceState(null, "", location.pathname);
