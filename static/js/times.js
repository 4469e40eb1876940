// Relative times tick by themselves: the same words and limits as insights/durations.py.

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TICK_MS = 30_000

// The server's clock counts: a browser's own may be hours off.
const CLOCK_OFFSET_MS = Date.parse(document.getElementById("main").dataset.now) - Date.now() || 0

export function tick() {
  const now = Date.now() + CLOCK_OFFSET_MS
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const words = inWords((now - Date.parse(time.dateTime)) / 1000)
    if (time.textContent !== words) time.textContent = words
  }
}

function inWords(seconds) {
  const days = Math.floor(seconds / DAY)
  const [count, unit] =
    seconds < MINUTE ? [0, ""] :
    seconds < HOUR ? [Math.floor(seconds / MINUTE), "minute"] :
    seconds < DAY ? [Math.floor(seconds / HOUR), "hour"] :
    days < 7 ? [days, "day"] :
    days < 30 ? [Math.floor(days / 7), "week"] :
    days < 365 ? [Math.floor(days / 30), "month"] :
    [Math.floor(days / 365), "year"]
  return unit ? `${count} ${unit}${count === 1 ? "" : "s"} ago` : "just now"
}

setInterval(tick, TICK_MS)
document.addEventListener("visibilitychange", () => document.hidden || tick())
