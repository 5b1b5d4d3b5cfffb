// Not a module, so that it runs before the page is drawn: the chosen theme, light, dark or the system's.
{
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
}
