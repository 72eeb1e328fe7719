// When the page can be used, and when its largest part is drawn, in milliseconds from the start of the navigation.
() => {
  if (window.firstSeconds) return;
  const seconds = (window.firstSeconds = { clickable: 0, largest: 0 });
  const look = () => {
    if (seconds.clickable || !document.querySelector("[data-testid=start], [data-testid=join]")) return;
    seconds.clickable = performance.now();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seconds.largest = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
}
