// How well what is typed fits a text: its letters in this order, the better the closer to beginnings of words.

export function fit(text, typed) {
  const words = text.toLowerCase()
  let score = 0
  let place = -1
  for (const letter of typed.toLowerCase().replaceAll(" ", "")) {
    const next = nextPlace(words, letter, place)
    if (next < 0) return 0
    score += next === place + 1 ? 3 : isBeginning(words, next) ? 2 : 1 / (next - place)
    place = next
  }
  return score / Math.sqrt(words.length) + 0.01
}

// The next letter itself if it fits, else one that begins a word, else the first.
function nextPlace(words, letter, place) {
  if (words[place + 1] === letter) return place + 1
  for (let next = place + 1; (next = words.indexOf(letter, next)) >= 0; next++) {
    if (isBeginning(words, next)) return next
  }
  return words.indexOf(letter, place + 1)
}

function isBeginning(words, place) {
  return place === 0 || words[place - 1] === " "
}
