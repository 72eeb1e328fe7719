// The clock of the call: browsers slow down the timers of a page that nobody looks at, but not those of its workers.
let timer;
onmessage = ({ data: milliseconds }) => {
  clearTimeout(timer);
  if (milliseconds >= 0) timer = setTimeout(() => postMessage(0), milliseconds);
};
