// Sets theme and language before the first paint, so that nothing flashes.
(function () {
  var preferences = {};
  try {
    preferences = JSON.parse(localStorage.getItem('fluoro') || '{}') || {};
  } catch (_) {
    // Unreadable preferences are none.
  }
  var root = document.documentElement;
  var dark = matchMedia('(prefers-color-scheme: dark)').matches;
  var theme = preferences.theme;
  root.dataset.theme = theme === 'light' || theme === 'dark' ? theme : dark ? 'dark' : 'light';
  if (preferences.language) root.lang = preferences.language;
})();
