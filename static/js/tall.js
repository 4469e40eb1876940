// A long message scrolls in a box of its own: keys reach it as the mouse does, and it says what it is.

export function reachTall() {
  for (const text of document.querySelectorAll(".message-text")) {
    const isTall = text.scrollHeight > text.clientHeight
    const name = isTall && text.closest(".message").querySelector(".message-name").textContent
    say(text, "tabindex", isTall && "0")
    say(text, "role", isTall && "group")
    say(text, "aria-label", isTall && `Long message, ${name}`)
  }
}

function say(element, attribute, value) {
  if (!value) element.removeAttribute(attribute)
  else if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value)
}

document.addEventListener("htmx:after:swap", reachTall)
addEventListener("resize", reachTall)
